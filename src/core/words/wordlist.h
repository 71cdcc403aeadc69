/* A refusal's words, as the statistical reader sees them: docs/words.md, "Words".
 * Addresses, hosts, IP addresses, URLs, numbers and ids are only noted, and words are neighbours
 * across them; reply and status codes are left out, since their reader is another.
 */
#ifndef DSND_WORDLIST_H
#define DSND_WORDLIST_H

#include "core/phrase/normal.h"

#include <dsn/bytes.h>

#include <stdbool.h>
#include <stdint.h>

/* What a list takes; the words after that are not read. */
#define WORDLIST_WORDS_MAX 96
#define WORDLIST_TEXT_SIZE 1280
#define WORDLIST_NOTE_SIZE 160 /* room for the names of holes and codes */

enum word_script {
    WORD_ALPHABET, /* blanks between words */
    WORD_HANGUL,   /* the same, but a letter is a syllable */
    WORD_CJK,      /* a run of Chinese or Japanese letters: no blanks between its words */
};

/* What stands in the text but is no word. */
enum word_hole {
    WORD_HOLE_ADDRESS,
    WORD_HOLE_HOST,
    WORD_HOLE_IP,
    WORD_HOLE_URL,
    WORD_HOLE_NUMBER,
    WORD_HOLE_ID,
    _WORD_HOLE_N
};

/* Bytes at .. at + n of the list's text. */
struct word {
    uint16_t at, n;
    enum word_script script;
};

/* The words without accents ("ungultig"), a '_' before, between and after them: "_no_such_user_".
 * A run of digits in a word is one '#': "rfc#". No word holds a '_' itself. */
struct wordlist {
    char text[WORDLIST_TEXT_SIZE + WORDLIST_NOTE_SIZE];
    struct word words[WORDLIST_WORDS_MAX];
    unsigned n_text, n;
    unsigned holes; /* bits 1 << enum word_hole */
};

/* Reads the words of bytes start..end of @t, up to a Postfix server's own remark "(in reply to".
 * Linear, allocates nothing, never fails. */
void wordlist_read (const struct normal_text *t, uint32_t start, uint32_t end,
                    struct wordlist *ret_list);

/* Appends what is no word, a code's or a hole's name, to the text. Returns where it starts. */
uint16_t wordlist_note (struct wordlist *l, const char *name);

#endif

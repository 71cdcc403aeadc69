/* Features and their hashes.
 */
#include "core/words/wordfeature.h"

/* How many letters a part of a word has, by script. */
static const struct {
    unsigned least, most;
} part_letters[] = {
    [WORD_ALPHABET] = { 3, 4 },
    [WORD_HANGUL] = { 1, 3 },
    [WORD_CJK] = { 1, 4 },
};

static const char *const hole_names[_WORD_HOLE_N] = {
    [WORD_HOLE_ADDRESS] = "address", [WORD_HOLE_HOST] = "host",     [WORD_HOLE_IP] = "ip",
    [WORD_HOLE_URL] = "url",         [WORD_HOLE_NUMBER] = "number", [WORD_HOLE_ID] = "id",
};

/* A set of hashes: what has been appended. */
#define SEEN_SLOTS 2048

static uint32_t
hash_byte (uint32_t hash, char c)
{
    return (hash ^ (unsigned char)c) * UINT32_C (16777619);
}

#define HASH_START UINT32_C (2166136261)

uint32_t
wordfeature_hash (struct dsn_bytes name)
{
    uint32_t hash = HASH_START;

    for (size_t i = 0; i < name.n; i++)
        hash = hash_byte (hash, name.p[i]);
    return hash;
}

struct collecting {
    struct wordlist *list;
    GArray *features;
    uint32_t *seen; /* SEEN_SLOTS, 0: free */
};

static void
append (struct collecting *c, struct wordfeature f)
{
    uint32_t slot = f.hash;

    for (unsigned tries = 0; tries < 16; tries++) {
        slot = (slot + 1) % SEEN_SLOTS;
        if (c->seen[slot] == f.hash)
            return;
        if (c->seen[slot] == 0) {
            c->seen[slot] = f.hash;
            break;
        }
    }
    g_array_append_val (c->features, f);
}

static void
append_slice (struct collecting *c, char kind, size_t at, size_t end, struct wordfeature f)
{
    uint32_t hash = hash_byte (HASH_START, kind);

    for (size_t i = at; i < end; i++)
        hash = hash_byte (hash, c->list->text[i]);
    f.hash = hash;
    f.kind = kind;
    f.at = (uint16_t)at;
    f.n = (uint16_t)(end - at);
    append (c, f);
}

/* A code or a hole. */
static void
append_named (struct collecting *c, char kind, const char *name)
{
    size_t at = wordlist_note (c->list, name);

    append_slice (c, kind, at, at + strlen (name), (struct wordfeature){ 0 });
}

static void
append_codes (struct collecting *c, unsigned reply, struct dsn_status status)
{
    char name[32], text[DSN_STATUS_TEXT_SIZE];

    if (reply) {
        (void)g_snprintf (name, sizeof name, "%u", reply);
        append_named (c, WORDFEATURE_CODE, name);
        (void)g_snprintf (name, sizeof name, "%uxx", reply / 100);
        append_named (c, WORDFEATURE_CODE, name);
    }
    if (status.cls) {
        (void)g_snprintf (name, sizeof name, "x.%u", status.subject);
        append_named (c, WORDFEATURE_CODE, name);
        (void)g_snprintf (name, sizeof name, "x.%u.%u", status.subject, status.detail);
        append_named (c, WORDFEATURE_CODE, name);
        dsn_status_format (status, text);
        append_named (c, WORDFEATURE_CODE, text);
    }
}

/* The word itself, and with the one or two before it. Runs of CJK letters are no words. */
static void
append_words (struct collecting *c, unsigned at)
{
    const struct word *words = c->list->words;
    size_t end = (size_t)words[at].at + words[at].n;

    for (unsigned n = 1; n <= 3 && n <= at + 1; n++) {
        unsigned first = at + 1 - n;
        if (words[first].script == WORD_CJK)
            return;
        append_slice (c, WORDFEATURE_WORDS, words[first].at, end,
                      (struct wordfeature){ .word = (uint16_t)first, .n_words = (uint16_t)n });
    }
}

static size_t
next_letter (const struct wordlist *l, size_t at)
{
    return at + (size_t)g_utf8_skip[(unsigned char)l->text[at]];
}

/* The parts of word @i: the edges count as letters where words have any. */
static void
append_parts (struct collecting *c, unsigned i)
{
    const struct word *w = &c->list->words[i];
    size_t edge = w->script == WORD_CJK ? 0 : 1;
    size_t first = w->at - edge, last = (size_t)w->at + w->n + edge;

    for (size_t at = first; at < last; at = next_letter (c->list, at)) {
        size_t end = at;
        for (unsigned n = 1; n <= part_letters[w->script].most && end < last; n++) {
            end = next_letter (c->list, end);
            if (n >= part_letters[w->script].least)
                append_slice (c, WORDFEATURE_PART, at, end,
                              (struct wordfeature){ .word = (uint16_t)i, .n_words = 1 });
        }
    }
}

void
wordfeature_collect (struct wordlist *list, unsigned reply, struct dsn_status status,
                     GArray *ret_features)
{
    uint32_t seen[SEEN_SLOTS] = { 0 };
    struct collecting c = { .list = list, .features = ret_features, .seen = seen };

    append_codes (&c, reply, status);
    for (unsigned i = 0; i < _WORD_HOLE_N; i++)
        if (list->holes >> i & 1)
            append_named (&c, WORDFEATURE_HOLE, hole_names[i]);
    for (unsigned i = 0; i < list->n; i++) {
        append_words (&c, i);
        append_parts (&c, i);
    }
}

unsigned
wordfeature_norm (unsigned n)
{
    uint64_t target = (uint64_t)n << 32; /* (256 * n^1/4)^4 */
    unsigned root = 0;

    for (unsigned bit = 1u << 13; bit; bit >>= 1) {
        uint64_t r = root | bit;
        if (r * r * r * r <= target)
            root |= bit;
    }
    return MAX (root, 256);
}

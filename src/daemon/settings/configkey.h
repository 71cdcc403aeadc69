/* One key of the configuration file: what it takes, and where its value goes. */
#ifndef DSND_CONFIGKEY_H
#define DSND_CONFIGKEY_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum configkey_type {
    VALUE_PATH,      /* absolute; char * */
    VALUE_TEXT,      /* one word; char * */
    VALUE_FOLDER,    /* ".name", or empty for none; char * */
    VALUE_DELETE,    /* keep | delete; bool */
    VALUE_SIGNED,    /* signed | unsigned; bool */
    VALUE_BOOL,      /* yes | no; bool */
    VALUE_STRUCTURE, /* auto | gmime; enum dsn_structure */
    VALUE_SIZE,      /* bytes with K, M, G, T; uint64_t */
    VALUE_TIME,      /* seconds with s, m, h, d, w; uint64_t */
    VALUE_COUNT,     /* unsigned */
    VALUE_MODE,      /* octal; mode_t */
    VALUE_LIST,      /* header names; char ** */
    VALUE_FORMS,     /* templates of return paths; char ** */
};

struct configkey {
    const char *section; /* "Mailbox" stands for all mailboxes' */
    const char *name;
    enum configkey_type type;
    size_t offset; /* of the value in struct config_mailbox or struct config */
    uint64_t min, max;
    const char *permitted; /* completes "it must be" */
};

/* The key @name of @section, or any of it if that's NULL; NULL if there's none. (static) */
const struct configkey *configkey_find (const char *section, const char *name);

/* The names of the keys of @section, or of the sections if it's NULL, for a message.
 * (transfer full) */
char *configkey_list (const char *section);

/* The text of a key in the file, its escapes undone and without blanks around it. The error names
 * @file, @group and @name: an escape that isn't one of `\s \n \t \r \\`, or bytes that aren't
 * UTF-8. (transfer full) */
char *configkey_text (GKeyFile *keyfile, const char *file, const char *group, const char *name,
                      GError **error);

/* Stores the value at its place in @base, the structure that the key's section fills. False if it
 * isn't permitted; the structure is then as it was. */
bool configkey_store (const struct configkey *key, const char *text, void *base);

#endif

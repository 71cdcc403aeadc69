/* A section of a relay's configuration: keys with values, read by the part that they are for. A
 * value out of its range, and a key that nobody asked for, are errors that name file, section, key
 * and what is permitted. dsn-relay.conf(5).
 */
#ifndef DSND_SECTION_H
#define DSND_SECTION_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#define SECTION_ERROR section_error_quark ()
enum { SECTION_ERROR_INVALID };
GQuark section_error_quark (void);

struct section;

/* The section @group of @keys, of the file @file; empty if it isn't there. (transfer full):
 * section_free() */
struct section *section_new (const char *file, GKeyFile *keys, const char *group);
void section_free (struct section *section);
typedef struct section section_t;
G_DEFINE_AUTOPTR_CLEANUP_FUNC (section_t, section_free)

/* The value of @key, @otherwise if it isn't there (which may be NULL). (borrowed) */
const char *section_text (struct section *section, const char *key, const char *otherwise);

/* As above; NULL and an error if it isn't there. */
const char *section_need (struct section *section, const char *key, GError **error);

/* A number from @least to @most, with K, M or G for 1024, 1024^2, 1024^3. */
bool section_number (struct section *section, const char *key, uint64_t otherwise, uint64_t least,
                     uint64_t most, uint64_t *ret, GError **error);

/* yes or no. */
bool section_bool (struct section *section, const char *key, bool otherwise, bool *ret,
                   GError **error);

/* The place in @words (NULL-terminated) of the value of @key; 0 if the key isn't there. */
bool section_choice (struct section *section, const char *key, const char *const *words,
                     unsigned *ret, GError **error);

/* A secret: the first line of the file that the value names, or of the systemd credential of that
 * name if it has no slash. (transfer full): g_free(). *@ret is NULL if the key isn't there. */
bool section_secret (struct section *section, const char *key, char **ret, GError **error);

/* An error if a key was given that nobody asked for. */
bool section_finish (struct section *section, GError **error);

/* Sets @error to the complaint about @key. Returns false. */
bool section_fail (struct section *section, const char *key, GError **error, const char *format,
                   ...) G_GNUC_PRINTF (4, 5);

#endif

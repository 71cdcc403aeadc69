/* The configuration file. One table says which keys there are, what they take, and where the
 * value goes; all that isn't in it is refused.
 */
#include "config.h"

#include <dsnd/parse.h>
#include "policy.h"

#include <stddef.h>
#include <string.h>

#define MAILBOXES_MAX    64
#define HEADERS_MAX      32
#define FILE_BYTES_MAX   ((size_t)1024 * 1024)
#define MAILBOX_NAME_MAX 64

G_DEFINE_QUARK (dsnd - config - error, config_error)

enum value_type {
    VALUE_PATH,   /* absolute; char * */
    VALUE_TEXT,   /* one word; char * */
    VALUE_FOLDER, /* ".name", or empty for none; char * */
    VALUE_DELETE, /* keep | delete; bool */
    VALUE_SIGNED, /* signed | unsigned; bool */
    VALUE_BOOL,   /* yes | no; bool */
    VALUE_SIZE,   /* bytes with K, M, G, T; uint64_t */
    VALUE_TIME,   /* seconds with s, m, h, d, w; uint64_t */
    VALUE_COUNT,  /* unsigned */
    VALUE_MODE,   /* octal; mode_t */
    VALUE_LIST,   /* header names; char ** */
    VALUE_FORMS,  /* templates of return paths; char ** */
};

struct key {
    const char *section;
    const char *name;
    enum value_type type;
    size_t offset;
    uint64_t min, max;
    const char *permitted; /* completes "it must be" */
};

#define IN_MAILBOX(member_) offsetof (struct config_mailbox, member_)
#define IN_CONFIG(member_)  offsetof (struct config, member_)

static const struct key keys[] = {
    { "Mailbox", "Path", VALUE_PATH, IN_MAILBOX (path), 0, 0, "an absolute path of a Maildir" },
    { "Mailbox", "Processed", VALUE_DELETE, IN_MAILBOX (is_deleted), 0, 0, "keep or delete" },
    { "Mailbox", "OtherFolder", VALUE_FOLDER, IN_MAILBOX (other_folder), 0, 0,
      "a Maildir++ folder such as .dsnd-other, or empty for none" },
    { "Mailbox", "Complaints", VALUE_SIGNED, IN_MAILBOX (has_unsigned_complaints), 0, 0,
      "signed or unsigned" },
    { "Spool", "Path", VALUE_PATH, IN_CONFIG (spool_path), 0, 0, "an absolute path" },
    { "Spool", "MaxSize", VALUE_SIZE, IN_CONFIG (spool_max_bytes), 1 << 20, UINT64_C (1) << 50,
      "a size from 1M to 1024T, such as 1G" },
    { "Spool", "Keep", VALUE_TIME, IN_CONFIG (spool_keep_s), 60, UINT64_C (3650) * 86400,
      "a time from 1m to 3650d, such as 7d" },
    { "Socket", "Path", VALUE_PATH, IN_CONFIG (socket_path), 0, 0,
      "an absolute path of at most 107 bytes" },
    { "Socket", "Mode", VALUE_MODE, IN_CONFIG (socket_mode), 0, 0777,
      "an octal mode from 0000 to 0777, such as 0660" },
    { "Socket", "Group", VALUE_TEXT, IN_CONFIG (socket_group), 0, 0, "the name of a group" },
    { "Workers", "Count", VALUE_COUNT, IN_CONFIG (workers_count), 0, 64,
      "a number from 0 (one per core) to 64" },
    { "Rules", "Path", VALUE_PATH, IN_CONFIG (rules_path), 0, 0,
      "an absolute path of a directory" },
    { "Events", "OriginalHeaders", VALUE_LIST, IN_CONFIG (original_headers), 0, 0,
      "at most 32 header names, separated by blanks" },
    { "Events", "Evidence", VALUE_BOOL, IN_CONFIG (want_evidence), 0, 0, "yes or no" },
    { "ReturnPath", "Header", VALUE_LIST, IN_CONFIG (envelope_headers), 0, 0,
      "at most 32 header names, separated by blanks, such as Delivered-To" },
    { "ReturnPath", "Template", VALUE_FORMS, IN_CONFIG (envelope_templates), 0, 0,
      "at most 32 templates, separated by blanks, such as bounces+{user}={domain}" },
    { "ReturnPath", "KeyFile", VALUE_PATH, IN_CONFIG (token_key_path), 0, 0, "an absolute path" },
    { "ReturnPath", "MaxAge", VALUE_TIME, IN_CONFIG (token_max_age_s), 86400,
      UINT64_C (86400) * DSN_TOKEN_WINDOW_MAX_DAYS, "a time from 1d to 3650d, such as 30d" },
};

static void
mailbox_free (gpointer data)
{
    struct config_mailbox *mailbox = data;

    g_free (mailbox->name);
    g_free (mailbox->path);
    g_free (mailbox->other_folder);
    g_free (mailbox);
}

void
config_free (struct config *config)
{
    if (!config)
        return;
    g_ptr_array_unref (config->mailboxes);
    g_free (config->spool_path);
    g_free (config->socket_path);
    g_free (config->socket_group);
    g_free (config->rules_path);
    g_string_free (config->policy, TRUE);
    g_strfreev (config->original_headers);
    g_strfreev (config->envelope_headers);
    g_strfreev (config->envelope_templates);
    g_free (config->token_key_path);
    dsn_token_keys_clear (&config->token_keys);
    g_free (config);
}

static struct config *
config_default (void)
{
    struct config *config = g_new0 (struct config, 1);

    config->mailboxes = g_ptr_array_new_with_free_func (mailbox_free);
    config->spool_path = g_strdup ("/var/lib/dsnd/spool");
    config->spool_max_bytes = UINT64_C (1) << 30;
    config->spool_keep_s = UINT64_C (7) * 86400;
    config->socket_path = g_strdup ("/run/dsnd/events.sock");
    config->socket_mode = 0660;
    config->rules_path = g_strdup ("/etc/dsnd/rules.d");
    config->policy = g_string_new (NULL);
    config->original_headers = g_new0 (char *, 1);
    config->envelope_headers = g_new0 (char *, 1);
    config->token_max_age_s = UINT64_C (86400) * DSN_TOKEN_WINDOW_DAYS;
    return config;
}

/* Reads a decimal number and the unit letter that may follow, from the pairs in @units. */
static bool
read_scaled (const char *text, const char *units, const uint64_t *factors, uint64_t *ret)
{
    char *end = NULL;
    const char *unit;
    guint64 value;

    if (!g_ascii_isdigit (text[0]) || strlen (text) > 16)
        return false;
    value = g_ascii_strtoull (text, &end, 10);
    if (end[0] == '\0') {
        *ret = value;
        return true;
    }
    unit = strchr (units, end[0]);
    if (!unit || end[1] != '\0' || value > UINT64_MAX / factors[unit - units])
        return false;
    *ret = value * factors[unit - units];
    return true;
}

static bool
read_number (const struct key *key, const char *text, uint64_t *ret)
{
    static const uint64_t sizes[] = { 1 << 10, 1 << 20, 1 << 30, UINT64_C (1) << 40 };
    static const uint64_t times[] = { 1, 60, 3600, 86400, 7 * 86400 };
    char *end = NULL;
    uint64_t value;

    if (key->type == VALUE_MODE) {
        if (!g_ascii_isdigit (text[0]) || strlen (text) > 5)
            return false;
        value = g_ascii_strtoull (text, &end, 8);
        if (end[0] != '\0')
            return false;
    } else if (!read_scaled (text,
                             key->type == VALUE_SIZE   ? "KMGT"
                             : key->type == VALUE_TIME ? "smhdw"
                                                       : "",
                             key->type == VALUE_TIME ? times : sizes, &value)) {
        return false;
    }
    if (value < key->min || value > key->max)
        return false;
    *ret = value;
    return true;
}

static bool
is_header_name (const char *name)
{
    for (const char *p = name; *p; p++)
        if (*p <= ' ' || *p >= 0x7f || *p == ':')
            return false;
    return name[0] != '\0';
}

/* The words of @text in lower case; NULL if @is_word refuses one. (transfer full) */
static char **
read_words (const char *text, bool (*is_word) (const char *word))
{
    g_auto (GStrv) words = g_strsplit_set (text, " \t", -1);
    g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);

    for (char **word = words; *word; word++) {
        if ((*word)[0] == '\0')
            continue;
        if (!is_word (*word) || names->len >= HEADERS_MAX)
            return NULL;
        g_ptr_array_add (names, g_ascii_strdown (*word, -1));
    }
    g_ptr_array_add (names, NULL);
    return (char **)g_ptr_array_steal (names, NULL);
}

static bool
is_folder (const char *text)
{
    return text[0] == '.' && text[1] != '\0' && text[1] != '.' && !strchr (text, '/') &&
           strlen (text) < 128;
}

/* Reads a choice of two words. */
static bool
read_choice (const char *text, const char *no, const char *yes, bool *ret)
{
    if (strcmp (text, no) != 0 && strcmp (text, yes) != 0)
        return false;
    *ret = strcmp (text, yes) == 0;
    return true;
}

static bool
set_string (char **to, const char *text)
{
    g_free (*to);
    *to = g_strdup (text);
    return true;
}

/* Stores the value at its place in @base; false if it isn't permitted. */
static bool
store (const struct key *key, const char *text, char *base)
{
    void *to = base + key->offset;
    uint64_t number = 0;
    char **list;

    switch (key->type) {
    case VALUE_PATH:
        return g_path_is_absolute (text) && set_string (to, text);
    case VALUE_TEXT:
        return text[0] != '\0' && !strpbrk (text, " \t") && set_string (to, text);
    case VALUE_FOLDER:
        if (text[0] == '\0') {
            g_clear_pointer ((char **)to, g_free);
            return true;
        }
        return is_folder (text) && set_string (to, text);
    case VALUE_DELETE:
        return read_choice (text, "keep", "delete", to);
    case VALUE_SIGNED:
        return read_choice (text, "signed", "unsigned", to);
    case VALUE_BOOL:
        return read_choice (text, "no", "yes", to);
    case VALUE_LIST:
    case VALUE_FORMS:
        list = read_words (text, key->type == VALUE_LIST ? is_header_name : dsn_template_is_valid);
        if (!list)
            return false;
        g_strfreev (*(char ***)to);
        *(char ***)to = list;
        return true;
    case VALUE_SIZE:
    case VALUE_TIME:
    case VALUE_COUNT:
    case VALUE_MODE:
        if (!read_number (key, text, &number))
            return false;
        if (key->type == VALUE_COUNT)
            *(unsigned *)to = (unsigned)number;
        else if (key->type == VALUE_MODE)
            *(mode_t *)to = (mode_t)number;
        else
            *(uint64_t *)to = number;
        return true;
    }
    return false;
}

/* Appends the keys of @section, or the sections if it's NULL, for a message. */
static char *
list_known (const char *section)
{
    g_autoptr (GString) out = g_string_new (NULL);
    const char *last = "";

    for (size_t i = 0; i < G_N_ELEMENTS (keys); i++) {
        const char *word = section ? keys[i].name : keys[i].section;
        if ((section && strcmp (keys[i].section, section) != 0) || strcmp (word, last) == 0)
            continue;
        last = word;
        if (!section && strcmp (word, "Mailbox") == 0)
            word = "Mailbox NAME";
        g_string_append_printf (out, "%s%s", out->len ? ", " : "", word);
    }
    return g_string_free (g_steal_pointer (&out), FALSE);
}

/* Reads the keys of @group, whose keys the table has under @section, into @base. */
static bool
read_section (GKeyFile *keyfile, const char *file, const char *group, const char *section,
              char *base, GError **error)
{
    g_auto (GStrv) names = g_key_file_get_keys (keyfile, group, NULL, error);

    if (!names)
        return false;
    for (char **name = names; *name; name++) {
        g_autofree char *text = g_key_file_get_string (keyfile, group, *name, error);
        const struct key *key = NULL;
        if (!text) {
            g_prefix_error (error, "%s: [%s] %s: ", file, group, *name);
            return false;
        }
        for (size_t i = 0; i < G_N_ELEMENTS (keys); i++)
            if (strcmp (keys[i].section, section) == 0 && strcmp (keys[i].name, *name) == 0)
                key = &keys[i];
        if (!key) {
            g_autofree char *known = list_known (section);
            g_set_error (error, CONFIG_ERROR, CONFIG_ERROR_INVALID,
                         "%s: [%s] %s: unknown key; the keys of this section are %s", file, group,
                         *name, known);
            return false;
        }
        if (!store (key, g_strstrip (text), base)) {
            g_autofree char *shown = g_strescape (text, NULL);
            g_set_error (error, CONFIG_ERROR, CONFIG_ERROR_INVALID,
                         "%s: [%s] %s: \"%s\" is not permitted; it must be %s", file, group, *name,
                         shown, key->permitted);
            return false;
        }
    }
    return true;
}

static bool
is_mailbox_name (const char *name)
{
    const size_t n = strlen (name);

    for (const char *p = name; *p; p++)
        if (!g_ascii_isalnum (*p) && !strchr ("._-", *p))
            return false;
    return n > 0 && n <= MAILBOX_NAME_MAX;
}

static bool
read_mailbox (GKeyFile *keyfile, const char *file, const char *group, struct config *config,
              GError **error)
{
    struct config_mailbox *mailbox = g_new0 (struct config_mailbox, 1);

    g_ptr_array_add (config->mailboxes, mailbox);
    mailbox->name = g_strdup (group + strlen ("Mailbox "));
    mailbox->other_folder = g_strdup (".dsnd-other");
    if (!is_mailbox_name (mailbox->name) || config->mailboxes->len > MAILBOXES_MAX) {
        g_set_error (error, CONFIG_ERROR, CONFIG_ERROR_INVALID,
                     "%s: [%s]: a mailbox needs a name of at most %d letters, digits, '.', '-' and "
                     "'_', and there may be at most %d of them",
                     file, group, MAILBOX_NAME_MAX, MAILBOXES_MAX);
        return false;
    }
    if (!read_section (keyfile, file, group, "Mailbox", (char *)mailbox, error))
        return false;
    if (!mailbox->path) {
        g_set_error (error, CONFIG_ERROR, CONFIG_ERROR_INVALID,
                     "%s: [%s] Path: missing; say which Maildir to read", file, group);
        return false;
    }
    return true;
}

/* What no single key can tell. */
static bool
check_whole (const char *file, const struct config *config, GError **error)
{
    if (config->mailboxes->len == 0) {
        g_set_error (error, CONFIG_ERROR, CONFIG_ERROR_INVALID,
                     "%s: no mailbox; add a section [Mailbox NAME] with Path=", file);
        return false;
    }
    if (strlen (config->socket_path) > 107) {
        g_set_error (error, CONFIG_ERROR, CONFIG_ERROR_INVALID,
                     "%s: [Socket] Path: too long; a socket's path has at most 107 bytes", file);
        return false;
    }
    for (unsigned i = 0; i < config->mailboxes->len; i++) {
        const struct config_mailbox *one = g_ptr_array_index (config->mailboxes, i);
        for (unsigned k = 0; k < i; k++) {
            const struct config_mailbox *other = g_ptr_array_index (config->mailboxes, k);
            if (strcmp (one->path, other->path) == 0) {
                g_set_error (error, CONFIG_ERROR, CONFIG_ERROR_INVALID,
                             "%s: [Mailbox %s] Path: [Mailbox %s] reads the same Maildir", file,
                             one->name, other->name);
                return false;
            }
        }
    }
    return true;
}

static bool
read_group (GKeyFile *keyfile, const char *file, const char *group, struct config *config,
            GError **error)
{
    if (g_str_has_prefix (group, "Mailbox "))
        return read_mailbox (keyfile, file, group, config, error);
    if (strcmp (group, "Policy") == 0)
        return policy_read (keyfile, file, group, config->policy, error);
    for (size_t i = 0; i < G_N_ELEMENTS (keys); i++)
        if (strcmp (keys[i].section, group) == 0 && strcmp (group, "Mailbox") != 0)
            return read_section (keyfile, file, group, group, (char *)config, error);
    g_autofree char *known = list_known (NULL);
    g_set_error (error, CONFIG_ERROR, CONFIG_ERROR_INVALID,
                 "%s: [%s]: unknown section; the sections are %s, Policy", file, group, known);
    return false;
}

struct config *
config_parse (const char *file, struct dsn_bytes text, GError **error)
{
    g_autoptr (GKeyFile) keyfile = g_key_file_new ();
    g_autoptr (config_t) config = config_default ();
    g_auto (GStrv) groups = NULL;

    if (text.n > FILE_BYTES_MAX || memchr (text.n ? text.p : "", '\0', text.n)) {
        g_set_error (error, CONFIG_ERROR, CONFIG_ERROR_INVALID,
                     "%s: not a configuration file: it's larger than 1 MiB or holds a NUL byte",
                     file);
        return NULL;
    }
    if (!g_key_file_load_from_data (keyfile, text.n ? text.p : "", text.n, G_KEY_FILE_NONE,
                                    error)) {
        g_prefix_error (error, "%s: ", file);
        return NULL;
    }
    groups = g_key_file_get_groups (keyfile, NULL);
    for (char **group = groups; *group; group++)
        if (!read_group (keyfile, file, *group, config, error))
            return NULL;
    if (!check_whole (file, config, error))
        return NULL;
    return g_steal_pointer (&config);
}

struct config *
config_load (const char *path, GError **error)
{
    g_autofree char *text = NULL;
    gsize n;

    if (!g_file_get_contents (path, &text, &n, error))
        return NULL;
    return config_parse (path, (struct dsn_bytes){ text, n }, error);
}

/* The keys of the configuration. One table says which there are, what they take, and where the
 * value goes.
 */
#include "daemon/settings/configkey.h"

#include "daemon/settings/config.h"

#include "core/mail/readoptions.h"

#include <stddef.h>
#include <string.h>

#define HEADERS_MAX 32

#define IN_MAILBOX(member_) offsetof (struct config_mailbox, member_)
#define IN_CONFIG(member_)  offsetof (struct config, member_)

static const struct configkey keys[] = {
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
    { "Spool", "HoldMax", VALUE_SIZE, IN_CONFIG (hold_max_bytes), 0, UINT64_C (1) << 50,
      "a size up to 1024T, such as 512M, or 0 for no limit" },
    { "Spool", "ConsumerTimeout", VALUE_TIME, IN_CONFIG (consumer_timeout_s), 0,
      UINT64_C (3650) * 86400, "a time up to 3650d, such as 14d, or 0 for none" },
    { "Socket", "Path", VALUE_PATH, IN_CONFIG (socket_path), 0, 0,
      "an absolute path of at most 107 bytes" },
    { "Socket", "Mode", VALUE_MODE, IN_CONFIG (socket_mode), 0, 0777,
      "an octal mode from 0000 to 0777, such as 0660" },
    { "Socket", "Group", VALUE_TEXT, IN_CONFIG (socket_group), 0, 0, "the name of a group" },
    { "Workers", "Count", VALUE_COUNT, IN_CONFIG (workers_count), 0, 64,
      "a number from 0 (one per core) to 64" },
    { "Parser", "Structure", VALUE_STRUCTURE, IN_CONFIG (structure), 0, 0, "auto or gmime" },
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

const struct configkey *
configkey_find (const char *section, const char *name)
{
    for (size_t i = 0; i < G_N_ELEMENTS (keys); i++)
        if (strcmp (keys[i].section, section) == 0 && (!name || strcmp (keys[i].name, name) == 0))
            return &keys[i];
    return NULL;
}

char *
configkey_list (const char *section)
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
read_number (const struct configkey *key, const char *text, uint64_t *ret)
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

char *
configkey_text (GKeyFile *keyfile, const char *file, const char *group, const char *name,
                GError **error)
{
    g_autoptr (GError) wrong = NULL;
    char *text = g_key_file_get_string (keyfile, group, name, &wrong);

    /* of a wrong escape GLib makes an error, and a text without it */
    if (!wrong)
        return g_strstrip (text);
    g_free (text);
    g_propagate_prefixed_error (error, g_steal_pointer (&wrong), "%s: [%s] %s: ", file, group,
                                name);
    return NULL;
}

bool
configkey_store (const struct configkey *key, const char *text, void *base)
{
    void *to = (char *)base + key->offset;
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
    case VALUE_STRUCTURE:
        return dsn_structure_find (text, to);
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

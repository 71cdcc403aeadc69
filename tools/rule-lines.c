/* The lines of rule files as JSON, for tools that make pages of them: [file, line, whether it
 * begins a record, its words...]. So the rule language is read in one place.
 */
#include "core/event/event.h"
#include "core/rules/rulefile.h"

#include <stdio.h>

static void
append_line (GString *out, const char *file, const struct rule_line *line)
{
    const struct rule_word *first = &line->words[0];

    g_string_append_c (out, '[');
    dsn_json_append_string (out, dsn_bytes_str (file));
    g_string_append_printf (
        out, ",%u,%s", line->line,
        !first->is_quoted && dsn_rules_is_record (dsn_bytes_str (first->text)) ? "true" : "false");
    for (unsigned i = 0; i < line->n; i++) {
        g_string_append_c (out, ',');
        dsn_json_append_string (out, dsn_bytes_str (line->words[i].text));
    }
    g_string_append (out, "]\n");
}

static bool
append_file (GString *out, const char *path)
{
    g_autoptr (GError) error = NULL;
    g_autofree char *text = NULL;
    struct dsn_rules_error wrong = { 0 };
    enum rulefile_result result;
    struct rulefile file;
    struct rule_line line;
    gsize n;

    if (!g_file_get_contents (path, &text, &n, &error)) {
        (void)fprintf (stderr, "%s\n", error->message);
        return false;
    }
    rulefile_init (&file, path, (struct dsn_bytes){ text, n });
    while ((result = rulefile_next (&file, &line, &wrong)) == RULEFILE_LINE)
        append_line (out, path, &line);
    rulefile_clear (&file);
    if (result == RULEFILE_ERROR)
        (void)fprintf (stderr, "%s:%u:%u: %s\n", path, wrong.line, wrong.column, wrong.message);
    dsn_rules_error_clear (&wrong);
    return result == RULEFILE_END;
}

int
main (int argc, char **argv)
{
    g_autoptr (GString) out = g_string_new (NULL);
    bool is_ok = true;

    for (int i = 1; i < argc; i++)
        is_ok = append_file (out, argv[i]) && is_ok;
    (void)fwrite (out->str, 1, out->len, stdout);
    return fflush (stdout) == 0 && is_ok ? 0 : 1;
}

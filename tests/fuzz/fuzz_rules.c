/* Any bytes as a rule file: an error with a place, or a set that runs over its own text. */
#include "core/rules/ruleset.h"

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
    struct dsn_rules *rules = dsn_rules_new ();
    struct dsn_rules_error error = { 0 };

    if (dsn_rules_add (rules, "fuzz", (struct dsn_bytes){ (const char *)data, size }, &error) &&
        dsn_rules_finish (rules, &error)) {
        struct normal_text text;
        struct rule_hits hits;
        normal_text_init (&text);
        normal_text_append (&text, (struct dsn_bytes){ (const char *)data, size });
        rule_hits_init (&hits, rules, &text);
        rule_hits_clear (&hits);
        normal_text_clear (&text);
    }
    dsn_rules_error_clear (&error);
    dsn_rules_free (rules);
    return 0;
}

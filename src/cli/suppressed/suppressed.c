/* The store, as the options name it. */
#include "cli/suppressed/suppressed.h"

int
suppressed_complain (const GError *error)
{
    tty_complain ("suppressed: %s", error->message);
    return EXIT_CANNOT_TELL;
}

char *
suppressed_key (const struct suppressed *s, const char *address)
{
    char *key = store_key (dsn_bytes_str (address), &s->options.keying);

    if (!key)
        tty_complain ("suppressed: %s: this is no address", address);
    return key;
}

bool
suppressed_open (struct suppressed *s, bool is_read_only)
{
    g_autoptr (GError) error = NULL;

    s->options.is_read_only = is_read_only;
    s->ledger = ledger_open (&s->options, &error);
    if (!s->ledger)
        (void)suppressed_complain (error);
    return s->ledger != NULL;
}

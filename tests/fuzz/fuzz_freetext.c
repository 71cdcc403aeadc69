/* The text of a notification from a mail system without a status part. */
#include "fuzzrules.h"

int
LLVMFuzzerTestOneInput (const unsigned char *data, size_t n)
{
    g_autoptr (GString) mail = g_string_new ("From: MAILER-DAEMON@example.net\nSubject: failure "
                                             "notice\nX-Failed-Recipients:\n\n");

    g_string_append_len (mail, (const char *)data, (gssize)n);
    dsn_report_free (fuzz_parse ((struct dsn_bytes){ mail->str, mail->len }));
    return 0;
}

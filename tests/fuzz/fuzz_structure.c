/* A mail's structure: where it's read without GMime, GMime sees the same. */
#include "core/mail/secondlook.h"

int LLVMFuzzerTestOneInput (const unsigned char *data, size_t n);

int
LLVMFuzzerTestOneInput (const unsigned char *data, size_t n)
{
    static bool is_ready;
    const struct dsn_limits limits = dsn_limits_default ();
    const struct dsn_bytes in = { (const char *)data, n };
    struct mail *mail;

    if (!is_ready)
        dsn_library_init ();
    is_ready = true;
    mail = mail_read (in, &limits);
    if (mail->split == DSN_SPLIT_PLAIN) {
        mail = secondlook_choose (mail, mail_read_by_gmime (in, &limits));
        g_assert (mail->split == DSN_SPLIT_SAME);
    }
    mail_free (mail);
    return 0;
}

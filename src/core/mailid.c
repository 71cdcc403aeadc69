/* The id of a mail. SHA-256, so that nobody can make a mail whose id is another one's: a consumer
 * that drops ids it knows would lose the other.
 */
#include <dsnd/event.h>

#define ID_DIGITS 32

char *
dsn_mail_id (struct dsn_bytes mail, size_t total_bytes)
{
    g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA256);
    const uint64_t size = GUINT64_TO_LE ((uint64_t)total_bytes);

    if (mail.n)
        g_checksum_update (sum, (const guchar *)mail.p, (gssize)mail.n);
    g_checksum_update (sum, (const guchar *)&size, sizeof size);
    return g_strndup (g_checksum_get_string (sum), ID_DIGITS);
}

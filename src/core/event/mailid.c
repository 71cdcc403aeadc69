/* The id of a mail. A cryptographic hash, so that nobody can make a mail whose id is another one's:
 * a consumer that drops ids it knows would lose the other.
 */
#include "core/event/event.h"

#include <gcrypt.h>

#define ID_BYTES     16
#define DIGEST_BYTES 32

/* The library wants to be asked for its version once in a process, by whoever comes first. Nothing
 * here is secret, so that no locked memory is needed. */
static void
open_gcrypt (void)
{
    if (gcry_control (GCRYCTL_INITIALIZATION_FINISHED_P))
        return;
    (void)gcry_check_version (NULL);
    (void)gcry_control (GCRYCTL_DISABLE_SECMEM, 0);
    (void)gcry_control (GCRYCTL_INITIALIZATION_FINISHED, 0);
}

char *
dsn_mail_id (struct dsn_bytes mail, size_t total_bytes)
{
    static const char hex[] = "0123456789abcdef";
    uint64_t size = GUINT64_TO_LE ((uint64_t)total_bytes);
    const gcry_buffer_t hashed[] = {
        { .data = (void *)mail.p, .len = mail.n },
        { .data = &size, .len = sizeof size },
    };
    char *id = g_malloc (ID_BYTES * 2 + 1);
    uint8_t digest[DIGEST_BYTES];
    gcry_error_t error;

    open_gcrypt ();
    /* fails only for a hash that the library doesn't have */
    error = gcry_md_hash_buffers (GCRY_MD_BLAKE2B_256, 0, digest, hashed, G_N_ELEMENTS (hashed));
    g_assert (!error);
    for (size_t i = 0; i < ID_BYTES; i++) {
        id[2 * i] = hex[digest[i] >> 4];
        id[2 * i + 1] = hex[digest[i] & 15];
    }
    id[ID_BYTES * 2] = '\0';
    return id;
}

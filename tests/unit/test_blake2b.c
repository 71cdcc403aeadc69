/* BLAKE2b against digests that Python's hashlib made, of lengths round the block's, in one piece
 * and in pieces.
 */
#include "blake2b.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include <glib.h>

static const struct {
    size_t n; /* bytes of input: (7 i + 3) mod 256 */
    const char *hex;
} cases[] = {
    { 0, "0e5751c026e543b2e8ab2eb06099daa1d1e5df47778f7787faab45cdf12fe3a8" },
    { 1, "e88bd757ad5b9bedf372d8d3f0cf6c962a469db61a265f6418e1ffed86da29ec" },
    { 127, "c9ae3859964b35f04c54b36d33cf299d7290ee621005d28e51598a943560aaaa" },
    { 128, "f0501d06597880592bc49234eef100ec1ff349058d0e9d9b753504e24af86dd6" },
    { 129, "a34a4e1e03c541dfbf3099c4b6c143c022ced65c28bd7e8a10e0a098461aecf0" },
    { 255, "f2d64a40e9412a3414161ff6250075225418fd7c271c1123e162e1bca0de9f93" },
    { 256, "d93ebb9c802f5630ab22516fd82b6c21bc8bd551d531349b715f046ed11ed871" },
    { 257, "4ce481b24d387422d2bc2baa03d1afd55a1327939ff537c71eb9b38709268649" },
    { 1000, "d62b6c768ce1afc8367e0498ab2f8e3f7c178c35b1429f14c4604b545d200f52" },
};

static char *
digest_of (size_t n, size_t piece)
{
    g_autofree char *in = g_malloc (n + 1);
    GString *hex = g_string_new (NULL);
    uint8_t digest[BLAKE2B_BYTES];
    struct blake2b b;

    for (size_t i = 0; i < n; i++)
        in[i] = (char)(7 * i + 3);
    blake2b_init (&b);
    for (size_t at = 0; at < n; at += piece)
        blake2b_update (&b, (struct dsn_bytes){ in + at, MIN (piece, n - at) });
    blake2b_finish (&b, digest);
    for (size_t i = 0; i < BLAKE2B_BYTES; i++)
        g_string_append_printf (hex, "%02x", digest[i]);
    return g_string_free (hex, FALSE);
}

static void
digests_are_the_known_ones (void **state)
{
    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS (cases); i++) {
        static const size_t pieces[] = { 2000, 1, 128, 37, 129 };
        for (size_t k = 0; k < G_N_ELEMENTS (pieces); k++) {
            g_autofree char *hex = digest_of (cases[i].n, pieces[k]);
            assert_string_equal (hex, cases[i].hex);
        }
    }
}

int
main (void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test (digests_are_the_known_ones) };

    return cmocka_run_group_tests (tests, NULL, NULL);
}

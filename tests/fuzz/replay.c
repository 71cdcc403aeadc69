/* The main program of a fuzz target where there's no fuzzer: each file below the given directories
 * is an input, and so is each line of it.
 */
#include <glib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerInitialize (int *argc, char ***argv) __attribute__ ((weak));
int LLVMFuzzerTestOneInput (const unsigned char *data, size_t n);

static unsigned n_inputs;

/* In memory of its own, so that a sanitizer sees a byte too many. */
static void
try_input (const char *p, size_t n)
{
    unsigned char *copy = g_memdup2 (p, n);

    (void)LLVMFuzzerTestOneInput (copy, n);
    g_free (copy);
    n_inputs++;
}

static void
try_file (const char *path)
{
    g_autofree char *text = NULL;
    gsize n = 0;

    if (!g_file_get_contents (path, &text, &n, NULL))
        return;
    try_input (text, n);
    for (const char *p = text, *end; (end = memchr (p, '\n', n - (size_t)(p - text))); p = end + 1)
        try_input (p, (size_t)(end - p));
}

static void
try_directory (const char *path)
{
    g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
    const char *name;

    while (dir && (name = g_dir_read_name (dir))) {
        g_autofree char *child = g_build_filename (path, name, NULL);
        if (g_file_test (child, G_FILE_TEST_IS_DIR))
            try_directory (child);
        else
            try_file (child);
    }
}

int
main (int argc, char **argv)
{
    if (LLVMFuzzerInitialize)
        (void)LLVMFuzzerInitialize (&argc, &argv);
    try_input ("", 0);
    for (int i = 1; i < argc; i++)
        try_directory (argv[i]);
    (void)printf ("%u inputs\n", n_inputs);
    return n_inputs > 1 ? EXIT_SUCCESS : EXIT_FAILURE;
}

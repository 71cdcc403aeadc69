/* The HTML page: text of mails stays text, and the policy fits the page. tests/cli/report.py reads
 * whole pages. */
#include "cli/report/reporthtml.h"
#include "cli/report/reportplot.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#define MIDNIGHT INT64_C (1795219200) /* 2026-11-21T00:00:00Z */

static const struct {
    const char *text, *html;
} texts[] = {
    { "", "" },
    { "plain", "plain" },
    { "<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;" },
    { "\" onload='x' &amp;", "&quot; onload=&#39;x&#39; &amp;amp;" },
    { "a\nb\tc", "a b c" },
    { "\x1b[2J", "␛[2J" },
    { "\xe2\x80\xae", "\xef\xbf\xbd" },
    { "\xff\xc0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd" },
    { "\xef\xbf\xbf", "\xef\xbf\xbd" },
    { "日本", "日本" },
};

static void
text_stays_text (void **state)
{
    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS (texts); i++) {
        g_autoptr (GString) out = g_string_new (NULL);
        report_html_append_text (out, texts[i].text);
        assert_string_equal (out->str, texts[i].html);
    }
}

/* The hash in the policy is that of what stands in the style element: else a browser drops it. */
static void
the_policy_allows_the_style (void **state)
{
    struct report_tally *tally = report_tally_new (MIDNIGHT, MIDNIGHT + 3600);
    g_autoptr (GString) page = g_string_new (NULL);
    g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA256);
    g_autofree char *base64 = NULL, *wanted = NULL;
    const char *style, *end;
    guint8 digest[32];
    gsize n = sizeof digest;

    (void)state;
    report_html_append (page, tally, "nothing");
    style = strstr (page->str, "<style>") + strlen ("<style>");
    end = strstr (style, "</style>");
    g_checksum_update (sum, (const guchar *)style, end - style);
    g_checksum_get_digest (sum, digest, &n);
    base64 = g_base64_encode (digest, n);
    wanted = g_strdup_printf ("default-src 'none'; style-src 'sha256-%s';", base64);
    assert_non_null (strstr (page->str, wanted));
    assert_non_null (strstr (page->str, "No events in this time."));
    report_tally_free (tally);
}

/* All bars lie within the picture, however high, and each says its numbers. */
static void
plots_keep_to_their_frame (void **state)
{
    static const uint64_t tops[] = { 0, 1, 3, 999, UINT64_C (123456789), UINT64_C (1) << 40 };

    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS (tops); i++) {
        g_autoptr (GArray) bars = g_array_new (FALSE, TRUE, sizeof (struct report_bar));
        g_autoptr (GArray) none = g_array_new (FALSE, TRUE, sizeof (struct report_incident));
        g_autoptr (GString) out = g_string_new (NULL);
        const struct report_plot plot = { "wide", 500, 200, NULL, bars, 3600, none };
        for (unsigned b = 0; b < 48; b++) {
            const struct report_bar bar = { MIDNIGHT + 3600 * b, { tops[i], b, 0, 1 } };
            g_array_append_val (bars, bar);
        }
        report_plot_append (out, &plot);
        for (const char *y = out->str; (y = strstr (y, " y=\"")); y += 4) {
            assert_true (y[4] != '-');
            assert_true (g_ascii_strtod (y + 4, NULL) <= 200);
        }
        assert_null (strstr (out->str, "height=\"-"));
        assert_non_null (strstr (out->str, "<title>2026-11-21 05:00 to 2026-11-21 06:00: "));
        assert_non_null (strstr (out->str, "22 Nov"));
    }
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (text_stays_text),
        cmocka_unit_test (the_policy_allows_the_style),
        cmocka_unit_test (plots_keep_to_their_frame),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}

/* Codes in refusals: those that are, and the many numbers that only look like it. The text is
 * normalised: lower case, one line. */
#include "core/bytes/smtpreply.h"
#include "prefixes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <cmocka.h>

static const struct {
    const char *in;
    unsigned reply;
    const char *status;
} cases[] = {
    { "550 5.1.1 user unknown", 550, "5.1.1" },
    { "550-5.1.1 user unknown", 550, "5.1.1" },
    { "550-5.1.1 the account 550-5.1.1 doesn't exist 550 5.1.1 x", 550, "5.1.1" },
    { "550 #5.7.1 rejected", 550, "5.7.1" },
    { "#5.1.1 smtp; 550", 550, "5.1.1" },
    { "sorry, no mailbox here by that name. (#5.1.1)", 0, "5.1.1" },
    { "550 user unknown (#5.1.1)", 550, "5.1.1" },
    { "phone +49 421 5550 110, fax 421-550-5110", 0, "" },
    { "call 550-421-5551234", 0, "" },
    { "call +1 550 4211", 0, "" },
    { "call (415) 555-0142 or (450)555 0142", 0, "" },
    { "a code in brackets (550) no such user", 550, "" },
    { "room 502, phone 555-0142 (ext. 431), fax: 450 1234", 0, "" },
    { "the mailbox is full: 450 of 450 mb used", 0, "" },
    { "quota: 512 mb, used: 510mb (500 kbytes more)", 0, "" },
    { "error: 552 gb is no unit of a code", 0, "" },
    { "552 message exceeds 450 mb", 552, "" },
    /* where a text begins, a line of the notification does: what stands before is another */
    { "too many hops\n554 too many hops 18 (17 max): from here", 554, "" },
    { "the mailbox is full\n450 mb used", 0, "" },
    { "550-550 no such user", 550, "" },
    { "550-5.1.1 gone, call 421-550-5110", 550, "5.1.1" },
    { "550 <5.1.1> no such user", 550, "5.1.1" },
    { "smtp; 550 <5.1.1 a@b.example>", 550, "5.1.1" },
    { "550 5.1.1: no such user", 550, "5.1.1" },
    { "550 5.7.1_blocked", 550, "5.7.1" },
    { "452 4.2.2 mailbox full", 452, "4.2.2" },
    { "550", 550, "" },
    { "550 user unknown", 550, "" },
    { "550-user unknown", 550, "" },
    { "550-", 550, "" },
    { "host mx.example.net[192.0.2.1] said: 554 5.7.1 <a@b.example>: refused", 554, "5.7.1" },
    { "remote host said: 550 no", 550, "" },
    { "5.1.1", 0, "5.1.1" },
    { "user unknown [5.1.1]", 0, "5.1.1" },
    { "status: 5.2.2", 0, "5.2.2" },
    { "571 refused", 571, "" },
    { "585 refused", 585, "" },
    { "541 refused", 541, "" },
    { "498 later", 498, "" },
    /* what says something is preferred to x.0.0 and 4.4.7 */
    { "554 5.0.0 service unavailable: 550 5.1.1 user unknown", 550, "5.1.1" },
    { "554 4.4.7 message expired: 452 4.2.2 mailbox full", 452, "4.2.2" },
    { "554 5.0.0 service unavailable", 554, "5.0.0" },
    { "550 5.4.300 message expired -> 421 4.4.1 connection timed out", 421, "4.4.1" },
    { "size (in bytes): 512 error: no such user", 0, "" },
    /* the reply of the enhanced code's class is preferred */
    { "450 temporary: 5.1.1 no such user", 450, "5.1.1" },
    /* no codes */
    { "delivery failed", 0, "" },
    { "554.30 is no code (554.30)", 0, "" },
    { "connect to mx.example.net[198.51.100.25]:25: timed out", 0, "" },
    { "192.0.2.1 is listed", 0, "" },
    { "4.5.1.1 is an address", 0, "" },
    { "5.1.1.1", 0, "" },
    { "exim 4.94.2 refused", 0, "" },
    { "postfix version 5.1.1", 0, "" },
    { "v5.1.1", 0, "" },
    { "see https://help.example/answer/550188131", 0, "" },
    { "see https://help.example/550/x", 0, "" },
    { "you sent 550 messages today", 0, "" },
    { "message id 1a550b@example.net", 0, "" },
    { "file-5.1.1.tar", 0, "" },
    { "port :550", 0, "" },
    { "at 10:450:11", 0, "" },
    { "on 2019-05-550", 0, "" },
    { "size 5500 of 45000", 0, "" },
    { "550,000 bytes", 0, "" },
    { "5.1", 0, "" },
    { "3.1.1 6.1.1", 0, "" },
    { "605 x", 0, "" },
    { "", 0, "" },
};

static void
codes_of_the_cases (void **state)
{
    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS (cases); i++) {
        struct smtp_codes codes = smtpreply_codes (dsn_bytes_str (cases[i].in), false);
        char text[DSN_STATUS_TEXT_SIZE];

        dsn_status_format (codes.status, text);
        if (codes.reply != cases[i].reply || strcmp (text, cases[i].status) != 0)
            print_error ("%s: %u %s\n", cases[i].in, codes.reply, text);
        assert_string_equal (text, cases[i].status);
        assert_int_equal (codes.reply, cases[i].reply);
    }
}

static void
class_2_counts_when_asked (void **state)
{
    struct dsn_bytes in = dsn_bytes_str ("250 2.1.5 ok");
    struct smtp_codes codes = smtpreply_codes (in, true);

    (void)state;
    assert_int_equal (codes.reply, 250);
    assert_true (dsn_status_equal (codes.status, (struct dsn_status){ 2, 1, 5 }));
    codes = smtpreply_codes (in, false);
    assert_int_equal (codes.reply, 0);
    assert_int_equal (codes.status.cls, 0);
}

static void
class_tells_where_the_place_does_not (void **state)
{
    static const struct {
        const char *in;
        unsigned cls, reply;
    } told[] = {
        { "mail+rcpt 550 there is no such user", 5, 550 },
        { "data closing 552 too large for this mailbox", 5, 552 },
        { "data 451 try again", 5, 0 },
        { "data 451 try again", 4, 451 },
        { "limit of 512 mb", 5, 0 },
        { "call (550) 555-0142", 5, 0 },
        { "data 550", 5, 0 },
        { "data 550 5.1.1", 5, 0 }, /* the codes are sure there */
        { "", 5, 0 },
    };

    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS (told); i++)
        assert_int_equal (smtpreply_of_class (dsn_bytes_str (told[i].in), told[i].cls),
                          told[i].reply);
}

static void
read_codes (struct dsn_bytes in, void *data)
{
    struct smtp_codes codes = smtpreply_codes (in, true);

    (void)data;
    assert_true (codes.reply == 0 || (codes.reply >= 200 && codes.reply < 600));
    assert_true (smtpreply_of_class (in, 5) < 600);
}

static void
every_prefix_is_safe (void **state)
{
    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
        each_prefix (dsn_bytes_str (cases[i].in), 1, read_codes, NULL);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (codes_of_the_cases),
        cmocka_unit_test (class_2_counts_when_asked),
        cmocka_unit_test (class_tells_where_the_place_does_not),
        cmocka_unit_test (every_prefix_is_safe),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}

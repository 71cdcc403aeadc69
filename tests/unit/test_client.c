/* What a connection answers, over a pair of sockets and without a daemon. */
#include "daemon/socket/client.h"

#include "scratch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define ALICE      1000
#define BOB        1001
#define PATIENCE_S 60

struct scratch {
    char *path;
    struct spool *spool;
    struct consumers *consumers;
};

/* Our end of a connection. */
struct peer {
    int fd;
    struct client *client; /* NULL: it was closed */
    GString *heard;
};

static int
set_up (void **state)
{
    struct scratch *scratch = g_new0 (struct scratch, 1);
    g_autofree char *path = NULL;

    scratch->path = scratch_new ();
    path = g_build_filename (scratch->path, "spool", NULL);
    scratch->spool = spool_open (path, 1 << 20, NULL);
    scratch->consumers = consumers_open (spool_dirfd (scratch->spool), NULL);
    scratch_record (scratch->spool, 3, "bounce");
    scratch_record (scratch->spool, 2, "other");
    *state = scratch;
    return 0;
}

static int
tear_down (void **state)
{
    struct scratch *scratch = *state;

    consumers_free (scratch->consumers);
    spool_free (scratch->spool);
    scratch_remove (scratch->path);
    g_free (scratch);
    return 0;
}

static void
append_nothing (GString *out, void *data)
{
    (void)data;
    g_string_append (out, ",\"state\":\"running\"");
}

static void
closed (void *data, struct client *client)
{
    struct peer *peer = data;

    client_free (client);
    peer->client = NULL;
}

/* Connects as @uid. (transfer full): leave() */
static struct peer *
enter (void **state, uid_t uid)
{
    const struct scratch *scratch = *state;
    struct peer *peer = g_new0 (struct peer, 1);
    struct client_options options = { .uid = uid,
                                      .spool = scratch->spool,
                                      .consumers = scratch->consumers,
                                      .status = append_nothing,
                                      .closed = closed,
                                      .closed_data = peer };
    int pair[2];

    assert_int_equal (socketpair (AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair), 0);
    options.fd = pair[0];
    peer->fd = pair[1];
    peer->heard = g_string_new (NULL);
    peer->client = client_new (&options);
    return peer;
}

static void
leave (struct peer *peer)
{
    client_free (peer->client);
    (void)close (peer->fd);
    g_string_free (peer->heard, TRUE);
    g_free (peer);
}

static void
hear (struct peer *peer)
{
    char buffer[4096];
    ssize_t n;

    while ((n = recv (peer->fd, buffer, sizeof buffer, MSG_DONTWAIT)) > 0)
        g_string_append_len (peer->heard, buffer, n);
}

static gboolean
out_of_patience (gpointer data)
{
    const struct peer *peer = data;

    fail_msg ("waited in vain; heard so far: %s", peer->heard->str);
    return G_SOURCE_REMOVE;
}

/* Runs the loop until @part was heard, or, if it's NULL, the connection was closed. */
static void
await (struct peer *peer, const char *part)
{
    const guint timer = g_timeout_add_seconds (PATIENCE_S, out_of_patience, peer);

    hear (peer);
    while (part ? !strstr (peer->heard->str, part) : peer->client != NULL) {
        (void)g_main_context_iteration (NULL, TRUE);
        hear (peer);
    }
    (void)g_source_remove (timer);
}

static void
say (struct peer *peer, const char *words)
{
    assert_int_equal (send (peer->fd, words, strlen (words), MSG_NOSIGNAL), strlen (words));
}

/* The words of one client, and what must be heard, in this order; at its end "closed" if the
 * connection is. */
static const struct {
    const char *words;
    const char *heard[6];
} dialogues[] = {
    { "", { "{\"dsnd\":1,\"spool\":\"", "\"first\":1,\"next\":6}\n" } },
    { "FOLLOW - first\n",
      { "{\"following\":\"-\",\"from\":1}\n", "\"seq\":1,", "\"seq\":5,", "}\n" } },
    { "FOLLOW - 4\n", { "\"from\":4}\n{\"v\":1,\"seq\":4,", "\"seq\":5,", "}\n" } },
    { "FOLLOW - 99\n", { "\"from\":6}\n" } },
    { "FOLLOW mailer kinds=other\n", { "\"from\":1}\n{\"v\":1,\"seq\":4,", "\"seq\":5,", "}\n" } },
    { "FOLLOW mailer\nACK 4\n",
      { "following", "\"error\":\"ACK of an event that was not", "closed" } },
    { "FOLLOW -\r\nFOLLOW -\n", { "following", "\"error\":\"this connection follows", "closed" } },
    { "FOLLOW - first\nACK 1\n", { "\"error\":\"ACK is for those", "closed" } },
    { "STATUS\nSTATUS\n",
      { "{\"status\":{\"version\":\"", "\"first\":1,\"next\":6,", "\"state\":\"running\"",
        "\"consumers\":[", "{\"status\":", "]}}\n" } },
    { "FORGET nobody\n", { "\"error\":\"there's no consumer", "closed" } },
    { "HELO\n", { "\"error\":\"say FOLLOW", "closed" } },
    { "\n", { "\"error\":", "closed" } },
    { "\x01\xff\n", { "\"error\":", "closed" } },
};

static void
each_word_has_its_answer (void **state)
{
    for (size_t i = 0; i < G_N_ELEMENTS (dialogues); i++) {
        struct peer *peer = enter (state, ALICE);
        say (peer, dialogues[i].words);
        for (const char *const *part = dialogues[i].heard; part < dialogues[i].heard + 6 && *part;
             part++) {
            char *found;
            await (peer, strcmp (*part, "closed") == 0 ? NULL : *part);
            if (strcmp (*part, "closed") == 0)
                continue;
            found = strstr (peer->heard->str, *part);
            g_string_erase (peer->heard, 0, found - peer->heard->str + (gssize)strlen (*part));
        }
        leave (peer);
    }
}

static void
half_a_line_waits_for_its_end (void **state)
{
    struct peer *peer = enter (state, ALICE);

    await (peer, "\"next\":6}\n");
    for (const char *p = "FOLLOW - 5\n"; *p; p++) {
        const char letter[] = { *p, '\0' };
        assert_null (strstr (peer->heard->str, "following"));
        say (peer, letter);
        while (g_main_context_iteration (NULL, FALSE))
            ;
        hear (peer);
    }
    await (peer, "\"seq\":5,");
    leave (peer);
}

static void
a_line_without_end_is_refused (void **state)
{
    struct peer *peer = enter (state, ALICE);
    g_autofree char *long_one = g_strnfill (700, 'x');

    say (peer, long_one);
    await (peer, "at most 256 bytes");
    await (peer, NULL);
    leave (peer);
}

static void
acknowledgements_move_the_cursor (void **state)
{
    const struct scratch *scratch = *state;
    struct peer *peer = enter (state, ALICE);
    struct consumer *mailer;

    say (peer, "FOLLOW mailer\n");
    await (peer, "\"seq\":5,");
    say (peer, "ACK 2\nACK 4\nACK 3\n");
    await (peer, "{\"acked\":4}\n");
    mailer = consumers_find (scratch->consumers, "mailer");
    assert_int_equal (mailer->durable, 4);
    assert_true (mailer->is_in_use);
    leave (peer);
    assert_false (mailer->is_in_use);
    peer = enter (state, ALICE);
    say (peer, "FOLLOW mailer\n");
    await (peer, "{\"following\":\"mailer\",\"from\":5}\n{\"v\":1,\"seq\":5,");
    leave (peer);
}

static void
a_cursor_passes_kinds_that_are_not_wanted (void **state)
{
    const struct scratch *scratch = *state;
    struct peer *peer = enter (state, ALICE);

    say (peer, "FOLLOW picky kinds=bounce\n");
    await (peer, "\"seq\":3,");
    say (peer, "ACK 3\n");
    await (peer, "{\"acked\":");
    leave (peer);
    /* what stands behind the last wanted one isn't kept for it, once the reader came by */
    peer = enter (state, ALICE);
    say (peer, "FOLLOW picky kinds=bounce\n");
    await (peer, "\"following\"");
    scratch_record (scratch->spool, 1, "bounce");
    client_pump (peer->client);
    await (peer, "\"seq\":6,");
    assert_int_equal (consumers_find (scratch->consumers, "picky")->acked, 5);
    leave (peer);
}

static void
another_users_name_is_refused (void **state)
{
    struct peer *peer = enter (state, ALICE);

    say (peer, "FOLLOW mailer\n");
    await (peer, "\"seq\":5,");
    leave (peer);
    peer = enter (state, BOB);
    say (peer, "FOLLOW mailer\nACK 5\n");
    await (peer, "another user");
    await (peer, NULL);
    leave (peer);
    peer = enter (state, BOB);
    say (peer, "FORGET mailer\n");
    await (peer, "another user");
    leave (peer);
    assert_int_equal (consumers_find (((struct scratch *)*state)->consumers, "mailer")->durable, 0);
}

static void
who_says_nothing_gets_live_events (void **state)
{
    struct peer *peer = enter (state, ALICE);

    await (peer, "\"next\":6}\n");
    scratch_record (((struct scratch *)*state)->spool, 1, "bounce");
    client_pump (peer->client);
    await (peer, "\"seq\":6,");
    assert_null (strstr (peer->heard->str, "\"seq\":5,"));
    leave (peer);
}

static void
what_is_not_read_waits_in_the_spool (void **state)
{
    const struct scratch *scratch = *state;
    struct peer *peer = enter (state, ALICE);
    const char *at;
    unsigned seq = 0;

    for (unsigned i = 0; i < 10; i++)
        scratch_record (scratch->spool, 1000, "bounce");
    say (peer, "FOLLOW - first\n");
    while (g_main_context_iteration (NULL, FALSE))
        client_pump (peer->client);
    await (peer, "\"seq\":10005,");
    at = strstr (peer->heard->str, "{\"v\":1");
    for (; at; at = strstr (at + 1, "{\"v\":1"))
        assert_int_equal (g_ascii_strtoull (at + strlen ("{\"v\":1,\"seq\":"), NULL, 10), ++seq);
    assert_int_equal (seq, 10005);
    leave (peer);
}

static void
who_asks_and_does_not_read_is_closed (void **state)
{
    struct peer *peer = enter (state, ALICE);
    unsigned n = 0;

    /* never hear(): the answers pile up */
    while (peer->client && n++ < 1000000) {
        (void)send (peer->fd, "STATUS\n", strlen ("STATUS\n"), MSG_NOSIGNAL);
        (void)g_main_context_iteration (NULL, FALSE);
        if (n % 1000 == 0 && n > 20000)
            hear (peer);
    }
    assert_null (peer->client);
    hear (peer);
    assert_non_null (strstr (peer->heard->str, "you ask and don't read"));
    leave (peer);
}

static void
who_hangs_up_is_forgotten (void **state)
{
    struct peer *peer = enter (state, ALICE);

    say (peer, "FOLLOW mailer\n");
    await (peer, "\"seq\":5,");
    assert_int_equal (shutdown (peer->fd, SHUT_RDWR), 0);
    await (peer, NULL);
    assert_false (consumers_find (((struct scratch *)*state)->consumers, "mailer")->is_in_use);
    leave (peer);
}

#define TEST(name_) cmocka_unit_test_setup_teardown (name_, set_up, tear_down)

int
main (void)
{
    const struct CMUnitTest tests[] = {
        TEST (each_word_has_its_answer),
        TEST (half_a_line_waits_for_its_end),
        TEST (a_line_without_end_is_refused),
        TEST (acknowledgements_move_the_cursor),
        TEST (a_cursor_passes_kinds_that_are_not_wanted),
        TEST (another_users_name_is_refused),
        TEST (who_says_nothing_gets_live_events),
        TEST (what_is_not_read_waits_in_the_spool),
        TEST (who_asks_and_does_not_read_is_closed),
        TEST (who_hangs_up_is_forgotten),
    };

    return cmocka_run_group_tests (tests, NULL, NULL);
}

/* Places in the ring: the cases one by one, and long random histories beside a plain model of the
 * memory, in which no byte may have two owners.
 */
#include "daemon/workers/ring.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#include <glib.h>
#include <string.h>

#define SIZE 4096u
#define WRAP 1024u

/* One step: hold @n bytes and expect them at @offset (NOWHERE: no room), or release @offset. */
struct step {
    bool is_release;
    uint32_t n, offset;
};
#define NOWHERE UINT32_MAX
#define HOLD(n, at)                                                                                \
    {                                                                                              \
        false, (n), (at)                                                                           \
    }
#define RELEASE(at)                                                                                \
    {                                                                                              \
        true, 0, (at)                                                                              \
    }
#define STEPS(...) ((const struct step[]){ __VA_ARGS__ })
#define CASE(name, s)                                                                              \
    {                                                                                              \
        (name), (s), G_N_ELEMENTS (s)                                                              \
    }

static const struct {
    const char *name;
    const struct step *steps;
    size_t n;
} cases[] = {
    CASE ("places follow each other, rounded up",
          STEPS (HOLD (1, 0), HOLD (63, 64), HOLD (64, 128), HOLD (0, 256), HOLD (1, 320))),
    CASE ("an empty ring begins at its start",
          STEPS (HOLD (500, 0), HOLD (100, 512), RELEASE (0), RELEASE (512), HOLD (9, 0))),
    CASE ("what would fill all of it has no room", STEPS (HOLD (SIZE, NOWHERE), HOLD (4000, 0))),
    CASE ("more than there is has no room",
          STEPS (HOLD (SIZE + 1, NOWHERE), HOLD (1u << 31, NOWHERE))),
    CASE ("the end is used before the start while little is in use",
          STEPS (HOLD (100, 0), HOLD (100, 128), RELEASE (0), HOLD (10, 256))),
    CASE ("past the mark the start is preferred",
          STEPS (HOLD (1000, 0), HOLD (1000, 1024), RELEASE (0), HOLD (100, 0))),
    CASE ("the start isn't used if it's too small, and the end still has room",
          STEPS (HOLD (100, 0), HOLD (1500, 128), RELEASE (0), HOLD (200, 1664))),
    CASE ("a place before the oldest never touches it",
          STEPS (HOLD (1000, 0), HOLD (1000, 1024), RELEASE (0), HOLD (1000, 2048))),
    CASE ("behind the wrapped head there's room up to the oldest",
          STEPS (HOLD (1000, 0), HOLD (1000, 1024), RELEASE (0), HOLD (400, 0), HOLD (600, NOWHERE),
                 HOLD (400, 448), HOLD (64, NOWHERE), HOLD (63, 896), RELEASE (1024),
                 HOLD (600, 960))),
    CASE ("released out of order, the oldest still keeps all",
          STEPS (HOLD (2000, 0), HOLD (1000, 2048), HOLD (500, 3072), RELEASE (2048),
                 HOLD (600, NOWHERE), RELEASE (0), HOLD (600, 0))),
};

static void
run_step (struct ring *ring, const char *name, const struct step *step)
{
    uint32_t offset;

    if (step->is_release) {
        ring_release (ring, step->offset);
    } else if (ring_find (ring, step->n, &offset)) {
        if (offset != step->offset)
            fail_msg ("%s: %u bytes at %u, not at %u", name, step->n, offset, step->offset);
        ring_hold (ring, offset, step->n);
    } else if (step->offset != NOWHERE) {
        fail_msg ("%s: no room for %u bytes", name, step->n);
    }
}

static void
each_case (void **state)
{
    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS (cases); i++) {
        struct ring ring;
        ring_init (&ring, SIZE, WRAP);
        for (size_t j = 0; j < cases[i].n; j++)
            run_step (&ring, cases[i].name, &cases[i].steps[j]);
    }
}

static void
no_more_places_than_permitted (void **state)
{
    struct ring ring;
    uint32_t offset;

    (void)state;
    ring_init (&ring, 1u << 20, 1u << 19);
    for (unsigned i = 0; i < RING_PLACES_MAX; i++) {
        assert_true (ring_find (&ring, 1, &offset));
        ring_hold (&ring, offset, 1);
    }
    assert_false (ring_find (&ring, 1, &offset));
    ring_release (&ring, 0);
    assert_true (ring_find (&ring, 1, &offset));
}

/* The model: who owns each byte. */
struct model {
    struct ring ring;
    unsigned char owner[SIZE];
    uint32_t offsets[RING_PLACES_MAX], sizes[RING_PLACES_MAX];
    unsigned n;
};

static void
hold_one (struct model *m, uint32_t n, unsigned char who)
{
    uint32_t offset;

    if (m->n == RING_PLACES_MAX || !ring_find (&m->ring, n, &offset)) {
        assert_true (m->n > 0); /* an empty ring takes all that fits it */
        return;
    }
    assert_true (offset <= SIZE && n <= SIZE - offset);
    for (uint32_t i = 0; i < n; i++)
        assert_int_equal (m->owner[offset + i], 0);
    for (unsigned i = 0; i < m->n; i++)
        assert_int_not_equal (m->offsets[i], offset);
    memset (m->owner + offset, who, n);
    ring_hold (&m->ring, offset, n);
    m->offsets[m->n] = offset;
    m->sizes[m->n++] = n;
}

static void
release_one (struct model *m, unsigned i)
{
    ring_release (&m->ring, m->offsets[i]);
    memset (m->owner + m->offsets[i], 0, m->sizes[i]);
    m->n--;
    memmove (&m->offsets[i], &m->offsets[i + 1], (m->n - i) * sizeof m->offsets[0]);
    memmove (&m->sizes[i], &m->sizes[i + 1], (m->n - i) * sizeof m->sizes[0]);
}

/* Mostly first in, first out, as workers answer; now and then a later one goes before. */
static void
no_byte_ever_has_two_owners (void **state)
{
    (void)state;
    for (guint32 seed = 1; seed <= 50; seed++) {
        g_autoptr (GRand) chance = g_rand_new_with_seed (seed);
        struct model m = { .n = 0 };
        ring_init (&m.ring, SIZE, WRAP);
        for (unsigned i = 0; i < 4000; i++) {
            const guint32 n_max = g_rand_boolean (chance) ? 64 : SIZE - 64;
            if (m.n == 0 || g_rand_int_range (chance, 0, 100) < 60)
                hold_one (&m, (uint32_t)g_rand_int_range (chance, 0, (gint32)n_max),
                          (unsigned char)(1 + i % 255));
            else
                release_one (&m, g_rand_int_range (chance, 0, 10)
                                     ? 0
                                     : (unsigned)g_rand_int_range (chance, 0, (gint32)m.n));
        }
        while (m.n)
            release_one (&m, 0);
        hold_one (&m, SIZE - 64, 1); /* nothing was lost on the way */
        assert_int_equal (m.n, 1);
    }
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (each_case),
        cmocka_unit_test (no_more_places_than_permitted),
        cmocka_unit_test (no_byte_ever_has_two_owners),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}

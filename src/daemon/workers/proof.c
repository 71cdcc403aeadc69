/* The worker compiles the rules as all others will, within the same limits. */
#include "daemon/workers/proof.h"

#include "core/bytes/limits.h"
#include "daemon/base/sys.h"
#include "daemon/workers/launch.h"
#include "daemon/workers/slot.h"

#include <errno.h>
#include <poll.h>
#include <sys/wait.h>

#define TICK_MS  250
#define START_MS 20000

static void
ignore (void *data)
{
    (void)data;
}

static const struct slot_handler handler = { .greeted = ignore };

static bool
fail (GError **error, const char *reason)
{
    g_set_error_literal (error, SETUP_ERROR, SETUP_ERROR_RULES, reason);
    return false;
}

bool
proof_hear (struct slot *slot, const char **ret_reason)
{
    switch (slot_read (slot)) {
    case SLOT_INPUT_OK:
        *ret_reason = NULL;
        return slot->state != SLOT_STARTING;
    case SLOT_INPUT_REFUSED:
        *ret_reason = slot->refusal;
        return true;
    case SLOT_INPUT_ENDED:
    case SLOT_INPUT_INVALID:
        break;
    }
    *ret_reason = "a worker can't take the rules: it ended while it read them, as it does when "
                  "they need more than its 256 MiB";
    return true;
}

/* Waits until the worker has said what it thinks of its setup. */
static bool
wait_for_word (struct slot *slot, GError **error)
{
    const char *reason = NULL;

    for (;;) {
        struct pollfd in = { .fd = slot->socket, .events = POLLIN };
        if (poll (&in, 1, TICK_MS) > 0 && proof_hear (slot, &reason))
            return !reason || fail (error, reason);
        if (slot_is_overdue (slot, START_MS, START_MS))
            return fail (error, PROOF_TOO_LONG);
    }
}

bool
proof_run (const struct setup *setup, GError **error)
{
    g_autoptr (GString) bytes = setup_encode (setup);
    const struct dsn_limits limits = dsn_limits_default ();
    sys_autofd fd = launch_memory (bytes);
    struct slot slot;
    bool is_proved;
    pid_t pid;

    if (!slot_init (&slot, &handler, NULL, &limits) || fd < 0)
        is_proved = fail (error, "no memory for a worker");
    else
        is_proved = slot_start (&slot, fd, error) && wait_for_word (&slot, error);
    pid = slot_done (&slot);
    while (pid > 0 && waitpid (pid, NULL, 0) < 0 && errno == EINTR)
        ;
    return is_proved;
}

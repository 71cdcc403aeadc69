/* Judging a directory by its mode, owner and file system. */
#include "daemon/intake/risk.h"

#include "daemon/base/sys.h"

#include <unistd.h>

unsigned
risk_of_directory (int fd)
{
    unsigned long long n_free, n_total;
    bool is_network = false;
    unsigned risks = 0;
    struct stat st;

    if (sys_fstat (fd, &st) == 0) {
        if (st.st_mode & S_IWOTH)
            risks |= RISK_OPEN;
        if (st.st_uid != geteuid () && geteuid () != 0)
            risks |= RISK_FOREIGN;
    }
    if (sys_free_space (fd, &n_free, &n_total, &is_network) == 0 && is_network)
        risks |= RISK_REMOTE;
    return risks;
}

const char *
risk_text (enum risk risk)
{
    switch (risk) {
    case RISK_OPEN:
        return "any user may write to the mailbox's directory new, and so make up bounces or take "
               "mail away; chmod o-w";
    case RISK_FOREIGN:
        return "the mailbox's directory new belongs to another user: a mail that is copied there, "
               "not moved, may be read before it is whole";
    case RISK_REMOTE:
        return "the mailbox is on a network file system: mail that another host delivers is found "
               "by a scan every 30 s only";
    }
    return "";
}

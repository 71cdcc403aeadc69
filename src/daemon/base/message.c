/* Message ids, made once and never changed: others search for them. Sorted by name. */
#include "daemon/base/message.h"

#include <glib.h>
#include <stdlib.h>
#include <string.h>

static const struct message {
    const char *event, *id;
} messages[] = {
    { "call-refused", "8f676f97ab414bc490614d416b6fa003" },
    { "client-refused", "1e1223798d2f5610bdb02610c0992d28" },
    { "clients-paused", "2222e8fd146659b79769e2d86eca5530" },
    { "config-wrong", "7b3f3c1f0e5a4a0c8f0d4d0be7a9c254" },
    { "consumer-lapsed", "d19ac879f3a14de2beaf6351baac4ca5" },
    { "cursor-copy", "5c619a8548e646cb95904603cf949cbf" },
    { "cursor-damaged", "2b25160aa6b14a84bad1aef0cebc65e8" },
    { "cursor-failed", "0deed6959faa5d15b63cf2aa4e0be134" },
    { "cursors-restored", "9b9ce1b5200f438ebbe42156008f2f9a" },
    { "intake-blocked", "61ee99f4abad4c04b5d04b7aeebb1d0b" },
    { "intake-resumed", "f30e21a048e547a1afdcd9866e6b507d" },
    { "mail-denied", "c7480ea3508c595f8ed56c08839e1190" },
    { "mail-stuck", "d7aa4f3c54365a0f92b20d930da37cce" },
    { "mail-unprocessable", "a6c95ee833bf599ba262f64d0010b40a" },
    { "mail-unreadable", "8b452fe5bcee5af8bc05349761cdb88c" },
    { "mailbox-back", "59a1c90f12f452cf9209666567afe6c9" },
    { "mailbox-missing", "785f1aa063db529c938c88c823835140" },
    { "mailbox-risk", "4793fe285b3956038f5633eca736a11a" },
    { "mailbox-sync", "5095f834e492582ea9c502dc8bf66f28" },
    { "mails-recovered", "dd30511910845618a45e07ba4615b244" },
    { "mails-unreadable", "f3816a26f75142f283d45f695476db92" },
    { "reload-failed", "2045fb1eae0c5c4a833367cfa93298a8" },
    { "reloaded", "b7c1bb7f844559479ded6b081a68cdb6" },
    { "restart-needed", "7c0f5b2e9d6a4c1e8a3b64d2f19c5e07" },
    { "socket-back", "fbe187b23d8040b7854c2cc79cb6aa74" },
    { "socket-gone", "4aad749782a04e96bbbf58f35bbade03" },
    { "special-file", "b8f2e8a938075b169ab5b3067d5aea87" },
    { "spool-blocked", "e76c34240e2d5024bb315208534c93e2" },
    { "spool-damaged", "407087f797c25a53a92f99bde25ce487" },
    { "spool-failed", "cae3b94440dc5458b53f7257f6ba2f19" },
    { "spool-lost", "4b80bff481d741849f9b621fcabbf649" },
    { "spool-mark", "e7cae0889a014f68a6613d6be088f011" },
    { "spool-resumed", "875188898f695f048a6ae3927b6ffe60" },
    { "spool-short", "f7b0104be05d4332b9f066cc0d3011ab" },
    { "spool-tail-cut", "45245882cbd65b1e88e9f447a453dfe5" },
    { "spool-trim", "6e40fee0671459fb8f1d01ceabc27ed5" },
    { "start-failed", "5c0d0f5e0f0b4f0e9d2c6a1f6b8e7a31" },
    { "started", "61ab0c83a861506dbc71433a13c62937" },
    { "stopped", "541064c209a857f4a8fa2d31aea7efdb" },
    { "structure-differs", "b5e0a3cf1d5c4a07a0c5b82c8f4e3d19" },
    { "stuck-list", "862a82deb317470882ee02d209d3acde" },
    { "watch-back", "c1e197dae9405d19b85e69cc7eb97e1d" },
    { "watch-missing", "8f0690242eb550b5aa445e0ba19dd8c2" },
    { "worker-death", "9021a3390fb75ac9abc4fc8bbd55f43d" },
    { "worker-end", "226f70a9d88e50b38f81b36c2f0cdd5b" },
    { "worker-start", "12113140e33f5950988763ba5f22467c" },
    { "workers-broken", "9b8557f6f09355118a49a72f8978228a" },
};

static int
compare (const void *event, const void *message)
{
    return strcmp (event, ((const struct message *)message)->event);
}

const char *
message_id (const char *event)
{
    const struct message *found =
        bsearch (event, messages, G_N_ELEMENTS (messages), sizeof messages[0], compare);

    return found ? found->id : NULL;
}

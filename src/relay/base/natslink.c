/* Options and connection. */
#include "relay/base/natslink.h"

#include <string.h>

#define CONNECT_MS 10000

struct natslink {
    natsOptions *options;
    natsConnection *connection; /* NULL: none */
};

void
natslink_disconnect (struct natslink *link)
{
    if (link)
        g_clear_pointer (&link->connection, natsConnection_Destroy);
}

void
natslink_free (struct natslink *link)
{
    if (!link)
        return;
    natslink_disconnect (link);
    natsOptions_Destroy (link->options);
    g_free (link);
}

static natsStatus
set_servers (natsOptions *options, const char *url)
{
    g_auto (GStrv) servers = g_strsplit (url, ",", -1);

    for (char **server = servers; *server; server++)
        (void)g_strstrip (*server);
    return natsOptions_SetServers (options, (const char **)servers, (int)g_strv_length (servers));
}

static natsStatus
set_user (natsOptions *options, struct section *section, GError **error)
{
    const char *user = section_text (section, "User", NULL);
    g_autofree char *password = NULL;
    natsStatus status;

    if (!section_secret (section, "Password", &password, error))
        return NATS_ERR;
    if (!user && !password)
        return NATS_OK;
    status = user ? natsOptions_SetUserInfo (options, user, password ? password : "")
                  : natsOptions_SetToken (options, password);
    if (password)
        explicit_bzero (password, strlen (password));
    return status;
}

static natsStatus
set_tls (natsOptions *options, struct section *section, bool is_tls)
{
    const char *ca = section_text (section, "CAFile", NULL);
    const char *certificate = section_text (section, "Certificate", NULL);
    const char *key = section_text (section, "CertificateKey", NULL);
    natsStatus status = NATS_OK;

    if (is_tls || ca)
        status = natsOptions_SetSecure (options, true);
    if (status == NATS_OK && ca)
        status = natsOptions_LoadCATrustedCertificates (options, ca);
    if (status == NATS_OK && certificate)
        status = natsOptions_LoadCertificatesChain (options, certificate, key ? key : certificate);
    return status;
}

/* A file that holds a JWT and its seed: "nats-server" documentation calls it a credentials file. */
static natsStatus
set_credentials (natsOptions *options, struct section *section)
{
    const char *value = section_text (section, "Credentials", NULL);
    const char *dir = g_getenv ("CREDENTIALS_DIRECTORY");
    g_autofree char *path = value && !strchr (value, '/') && dir
                                ? g_build_filename (dir, value, NULL)
                                : g_strdup (value);

    return path ? natsOptions_SetUserCredentialsFromFiles (options, path, NULL) : NATS_OK;
}

static natsStatus
set_all (natsOptions *options, struct section *section, const char *url, const char *name,
         GError **error)
{
    natsStatus status = set_servers (options, url);

    if (status == NATS_OK)
        status = natsOptions_SetName (options, name);
    if (status == NATS_OK)
        status = natsOptions_SetTimeout (options, CONNECT_MS);
    if (status == NATS_OK)
        status = natsOptions_SetMaxReconnect (options, -1);
    /* what isn't sent stays in the window: nothing is to be sent again behind our back */
    if (status == NATS_OK)
        status = natsOptions_SetReconnectBufSize (options, 0);
    if (status == NATS_OK)
        status = set_credentials (options, section);
    if (status == NATS_OK)
        status = set_user (options, section, error);
    if (status == NATS_OK)
        status = set_tls (options, section, strstr (url, "tls://") != NULL);
    return status;
}

struct natslink *
natslink_new (struct section *section, const char *name, GError **error)
{
    const char *url = section_need (section, "Url", error);
    struct natslink *link;
    natsStatus status;

    if (!url)
        return NULL;
    if (strchr (url, '@')) {
        (void)section_fail (section, "Url", error, "no passwords here: use User= and Password=");
        return NULL;
    }
    link = g_new0 (struct natslink, 1);
    status = natsOptions_Create (&link->options);
    if (status == NATS_OK)
        status = set_all (link->options, section, url, name, error);
    if (status == NATS_OK)
        return link;
    if (!error || !*error)
        (void)section_fail (section, "Url", error, "%s", natsStatus_GetText (status));
    natslink_free (link);
    return NULL;
}

natsStatus
natslink_connect (struct natslink *link)
{
    return link->connection ? NATS_OK : natsConnection_Connect (&link->connection, link->options);
}

natsConnection *
natslink_connection (struct natslink *link)
{
    return link->connection;
}

bool
natslink_is_refused (natsStatus status)
{
    return status == NATS_CONNECTION_AUTH_FAILED || status == NATS_NOT_PERMITTED;
}

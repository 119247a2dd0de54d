package dev.millrace.server.provider;

/** How connections to a provider authenticate. */
public enum AuthMode {
    OAUTH2,
    API_KEY,
    OAUTH2_CC,
    BASIC,
    TWO_STEP,
    MCP_OAUTH2,
    MCP_OAUTH2_GENERIC,
    JWT,
    OAUTH1,
    BILL,
    NONE,
    APP,
    CUSTOM,
    TBA,
    SIGNATURE,
    INSTALL_PLUGIN,
    AWS_SIGV4
}

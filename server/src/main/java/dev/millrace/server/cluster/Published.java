package dev.millrace.server.cluster;

import tools.jackson.databind.JsonNode;

/** What a server that lives says about itself. */
public record Published(String node, JsonNode value) {}

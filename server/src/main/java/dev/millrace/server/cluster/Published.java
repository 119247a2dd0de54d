package dev.millrace.server.cluster;

import tools.jackson.databind.JsonNode;

/** What a running server publishes about itself. */
public record Published(String node, JsonNode value) {}

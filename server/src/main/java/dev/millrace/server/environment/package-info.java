/** Environments, their API keys, scopes, variables and settings. */
@NullMarked
package dev.millrace.server.environment;

import org.jspecify.annotations.NullMarked;

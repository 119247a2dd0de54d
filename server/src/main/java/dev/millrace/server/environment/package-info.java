/** Environments, their API keys, scopes and variables. */
@NullMarked
package dev.millrace.server.environment;

import org.jspecify.annotations.NullMarked;

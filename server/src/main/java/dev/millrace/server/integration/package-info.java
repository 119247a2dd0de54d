/** Integrations: a team's use of a provider in one environment. */
@NullMarked
package dev.millrace.server.integration;

import org.jspecify.annotations.NullMarked;

/** The catalogue of providers: definitions in YAML, and their templates. */
@NullMarked
package dev.millrace.server.provider;

import org.jspecify.annotations.NullMarked;

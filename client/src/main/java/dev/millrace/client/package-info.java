/** The Java client of the REST API. */
@NullMarked
package dev.millrace.client;

import org.jspecify.annotations.NullMarked;

/** Routing, JSON in and out, authentication, error mapping. Knows no feature. */
@NullMarked
package dev.millrace.server.http;

import org.jspecify.annotations.NullMarked;

/** The dashboard: pages for people, rendered on the server; the sign-in, its password and sessions. */
@NullMarked
package dev.millrace.server.ui;

import org.jspecify.annotations.NullMarked;

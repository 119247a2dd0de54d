/** What connections authenticate with: the kinds of credentials, and how tokens stay fresh. */
@NullMarked
package dev.millrace.server.credential;

import org.jspecify.annotations.NullMarked;

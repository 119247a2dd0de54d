package dev.millrace.cli.demo;

import java.net.URI;
import java.nio.file.Path;

/**
 * The environment of the demo.
 *
 * @param server URL of the Millrace server
 * @param secretKey of one of its environments
 * @param crm URL of the sample CRM
 * @param crmKey an API key of the CRM, for changes by its own users
 * @param node the Node.js program that compiles
 * @param runtime the worker's npm project, which contains the compiler
 * @param examples the project of functions
 * @param notes folder for request bodies that are too long to show
 * @param customer who goes through the Connect page
 */
public record Stage(
        URI server,
        String secretKey,
        URI crm,
        String crmKey,
        Path node,
        Path runtime,
        Path examples,
        Path notes,
        Customer customer) {}

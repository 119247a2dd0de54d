/** Collects statements: what each promise came to, a value or the message of its error. */
export async function tell(statements: Record<string, () => unknown>): Promise<Record<string, unknown>> {
    const told: Record<string, unknown> = {};
    for (const [name, statement] of Object.entries(statements)) {
        try {
            const value = await statement();
            told[name] = value === undefined ? 'undefined' : value;
        } catch (error) {
            told[name] = `threw ${error instanceof Error ? `${error.name}: ${error.message}` : String(error)}`;
        }
    }
    return told;
}

/** The error of something that has to fail. */
export async function errorOf(work: () => Promise<unknown>): Promise<any> {
    try {
        await work();
    } catch (error) {
        return error;
    }
    throw new Error('It did not fail');
}

/** Compiles one function given as text: no project, no files, nothing to import but the packages functions may use. */
import { bundleText } from './bundle.mjs';
import { deployment } from './deployment.mjs';
import { describe } from './describe.mjs';
import { CompileError } from './project.mjs';

const KINDS = { sync: 'sync', action: 'action', 'on-event': 'onEvent' };

/**
 * @param {{code: string, integration?: string, name?: string, type?: string}} request `type` as deploys call it; absent: what the code defines
 * @returns {Promise<object>} `{js, flowConfigs, onEventScriptsByProvider}`, or `{errors: [{type, message}]}`
 */
export async function compileText({ code, integration = 'integration', name = 'function', type }) {
  try {
    const entry = { file: `${name}.ts`, integration, name, source: code };
    const js = await bundleText(entry);
    const [described] = await describe([{ ...entry, js }]);
    if (described.error) throw new CompileError(entry.file, described.error.type, described.error.message);
    const defined = described.definition.type;
    const wanted = KINDS[type] ?? defined;
    if (!Object.values(KINDS).includes(defined)) throw new CompileError(entry.file, 'nango_invalid_default_export', 'The default export must be a createSync, createAction or createOnEvent call');
    if (defined !== wanted) throw new CompileError(entry.file, 'wrong_type', `The code defines a function of type ${defined}, not ${type}`);
    return { js, ...deployment([{ ...described, type: wanted }], (error) => { throw error; }) };
  } catch (error) {
    if (!(error instanceof CompileError)) throw error;
    return { errors: [{ type: error.type, message: error.message }] };
  }
}

/** Where the tests find things. All of it comes from the environment; nothing here is started by the tests. */
function required(name) {
  const value = process.env[name];
  if (!value) {
    throw new Error(`${name} is not set: these tests need a running Millrace and a running sample CRM, see README.md`);
  }
  return value.replace(/\/$/, '');
}

export const millraceUrl = required('MILLRACE_URL');
export const secretKey = required('MILLRACE_SECRET_KEY');
export const crmUrl = required('SAMPLE_CRM_URL');
export const crmKey = required('SAMPLE_CRM_KEY');

/** The integration of `examples/`: its id is the name of the folder. */
export const integrationId = 'sample-crm';

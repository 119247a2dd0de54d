// Every function of the project is listed here: the CLI compiles and deploys exactly these files.
import './sample-crm/syncs/contacts.js';
import './sample-crm/actions/list-custom-fields.js';
import './sample-crm/actions/update-contact.js';
import './sample-crm/on-events/check-key.js';
import './sample-crm/on-events/connected.js';

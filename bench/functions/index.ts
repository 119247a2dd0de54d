// The functions that the load program deploys.
import './bench/actions/echo.js';
import './bench/actions/map.js';
import './bench/syncs/items.js';
import './bench/syncs/wait.js';
import './bench/syncs/cross.js';

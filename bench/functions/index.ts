// What the load program deploys.
import './bench/actions/echo.js';
import './bench/syncs/items.js';

interface Shape {
    sides: number;
}

/** Fails on line 7, with lines above that no bundle keeps. */
export function explode(): Shape {
    throw new TypeError('deep inside');
}

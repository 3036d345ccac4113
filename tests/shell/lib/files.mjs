// Files as a person brings them: pasted, and dragged out of another program's window.
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { start, stop, until } from './processes.mjs';

const HERE = path.dirname(fileURLToPath(import.meta.url));
/** 48 × 32 pixels of one gradient. */
export const PNG = 'iVBORw0KGgoAAAANSUhEUgAAADAAAAAgCAIAAADbtmxLAAALj0lEQVR42g3OgcbyCgCA4XM5ERERKUaTxWiyGCWLUbIYTRajyWI0KUaTxShZjCb76RLeyzrfcwXPf7QrtKu0a7TrtBu0m7RbtDu0Bdpd2j3afdoy7QHtIe0RbY32mPaU9oy2QXtOe0l7Rduivaa9ob2l7dLe0d7TPtAOaB9pn2hfaEe0r7RvtO+0U9oP2i/ab9o57Q/tL+1//yFUEKoINYQ6QgOhidBC6CAICF2EHkIfQUYYIAwRRggawhhhijBDMBDmCEuEFYKFsEbYIGwRXIQdwh7hgBAgHBFOCBeECOGKcEO4I6QID4QXwhshR/ggfBH+QmIFsYpYQ6wjNhCbiC3EDqKA2EXsIfYRZcQB4hBxhKghjhGniDNEA3GOuERcIVqIa8QN4hbRRdwh7hEPiAHiEfGEeEGMEK+IN8Q7Yor4QHwhvhFzxA/iF/EvJFWQqkg1pDpSA6mJ1ELqIAlIXaQeUh9JRhogDZFGSBrSGGmKNEMykOZIS6QVkoW0RtogbZFcpB3SHumAFCAdkU5IF6QI6Yp0Q7ojpUgPpBfSGylH+iB9kf5CcgW5ilxDriM3kJvILeQOsoDcRe4h95Fl5AHyEHmErCGPkafIM2QDeY68RF4hW8hr5A3yFtlF3iHvkQ/IAfIR+YR8QY6Qr8g35DtyivxAfiG/kXPkD/IX+S+kVFCqKDWUOkoDpYnSQumgCChdlB5KH0VGGaAMUUYoGsoYZYoyQzFQ5ihLlBWKhbJG2aBsUVyUHcoe5YASoBxRTigXlAjlinJDuaOkKA+UF8obJUf5oHxR/kJqBbWKWkOtozZQm6gt1A6qgNpF7aH2UWXUAeoQdYSqoY5Rp6gzVAN1jrpEXaFaqGvUDeoW1UXdoe5RD6gB6hH1hHpBjVCvqDfUO2qK+kB9ob5Rc9QP6hf1L6RV0KpoNbQ6WgOtidZC66AJaF20HlofTUYboA3RRmga2hhtijZDM9DmaEu0FZqFtkbboG3RXLQd2h7tgBagHdFOaBe0CO2KdkO7o6VoD7QX2hstR/ugfdH+QpMKkyqTGpM6kwaTJpMWkw4TgUmXSY9Jn4nMZMBkyGTERGMyZjJlMmNiMJkzWTJZMbGYrJlsmGyZuEx2TPZMDkwCJkcmJyYXJhGTK5MbkzuTlMmDyYvJm0nO5MPky+QvpFfQq+g19Dp6A72J3kLvoAvoXfQeeh9dRh+gD9FH6Br6GH2KPkM30OfoS/QVuoW+Rt+gb9Fd9B36Hv2AHqAf0U/oF/QI/Yp+Q7+jp+gP9Bf6Gz1H/6B/0f9CRgWjilHDqGM0MJoYLYwOhoDRxehh9DFkjAHGEGOEoWGMMaYYMwwDY46xxFhhWBhrjA3GFsPF2GHsMQ4YAcYR44RxwYgwrhg3jDtGivHAeGG8MXKMD8YX4y+0qLCosqixqLNosGiyaLHosBBYdFn0WPRZyCwGLIYsRiw0FmMWUxYzFgaLOYslixULi8WaxYbFloXLYsdiz+LAImBxZHFicWERsbiyuLG4s0hZPFi8WLxZ5Cw+LL4s/kJmBbOKWcOsYzYwm5gtzA6mgNnF7GH2MWXMAeYQc4SpYY4xp5gzTANzjrnEXGFamGvMDeYW08XcYe4xD5gB5hHzhHnBjDCvmDfMO2aK+cB8Yb4xc8wP5hfzL2RVsKpYNaw6VgOridXC6mAJWF2sHlYfS8YaYA2xRlga1hhrijXDMrDmWEusFZaFtcbaYG2xXKwd1h7rgBVgHbFOWBesCOuKdcO6Y6VYD6wX1hsrx/pgfbH+QnYFu4pdw65jN7Cb2C3sDraA3cXuYfexZewB9hB7hK1hj7Gn2DNsA3uOvcReYVvYa+wN9hbbxd5h77EP2AH2EfuEfcGOsK/YN+w7dor9wH5hv7Fz7A/2F/sv5FRwqjg1nDpOA6eJ08Lp4Ag4XZweTh9HxhngDHFGOBrOGGeKM8MxcOY4S5wVjoWzxtngbHFcnB3OHueAE+AccU44F5wI54pzw7njpDgPnBfOGyfH+eB8cf5CbgW3ilvDreM2cJu4LdwOroDbxe3h9nFl3AHuEHeEq+GOcae4M1wDd467xF3hWrhr3A3uFtfF3eHucQ+4Ae4R94R7wY1wr7g33DtuivvAfeG+cXPcD+4X9y/kVfCqeDW8Ol4Dr4nXwuvgCXhdvB5eH0/GG+AN8UZ4Gt4Yb4o3wzPw5nhLvBWehbfG2+Bt8Vy8Hd4e74AX4B3xTngXvAjvinfDu+OleA+8F94bL8f74H3x/kJ+Bb+KX8Ov4zfwm/gt/A6+gN/F7+H38WX8Af4Qf4Sv4Y/xp/gzfAN/jr/EX+Fb+Gv8Df4W38Xf4e/xD/gB/hH/hH/Bj/Cv+Df8O36K/8B/4b/xc/wP/hf/LxRUCKoENYI6QYOgSdAi6BAIBF2CHkGfQCYYEAwJRgQawZhgSjAjMAjmBEuCFYFFsCbYEGwJXIIdwZ7gQBAQHAlOBBeCiOBKcCO4E6QED4IXwZsgJ/gQfAn+QmGFsEpYI6wTNgibhC3CDqFA2CXsEfYJZcIB4ZBwRKgRjgmnhDNCg3BOuCRcEVqEa8IN4ZbQJdwR7gkPhAHhkfBEeCGMCK+EN8I7YUr4IHwRvglzwg/hl/AvdK5wrnKuca5zbnBucm5x7nAWOHc59zj3OcucB5yHnEecNc5jzlPOM84G5znnJecVZ4vzmvOG85azy3nHec/5wDngfOR84nzhHHG+cr5xvnNOOT84vzi/OeecP5y/nP9CUYWoSlQjqhM1iJpELaIOkUDUJeoR9YlkogHRkGhEpBGNiaZEMyKDaE60JFoRWURrog3Rlsgl2hHtiQ5EAdGR6ER0IYqIrkQ3ojtRSvQgehG9iXKiD9GX6C8UV4irxDXiOnGDuEncIu4QC8Rd4h5xn1gmHhAPiUfEGvGYeEo8IzaI58RL4hWxRbwm3hBviV3iHfGe+EAcEB+JT8QX4oj4SnwjvhOnxA/iF/GbOCf+EH+J/0JJhaRKUiOpkzRImiQtkg6JQNIl6ZH0SWSSAcmQZESikYxJpiQzEoNkTrIkWZFYJGuSDcmWxCXZkexJDiQByZHkRHIhiUiuJDeSO0lK8iB5kbxJcpIPyZfkL5RWSKukNdI6aYO0Sdoi7ZAKpF3SHmmfVCYdkA5JR6Qa6Zh0SjojNUjnpEvSFalFuibdkG5JXdId6Z70QBqQHklPpBfSiPRKeiO9k6akD9IX6Zs0J/2Qfkn/Qs8KzyrPGs86zwbPJs8Wzw5PgWeXZ49nn6fMc8BzyHPEU+M55jnlOeNp8JzzXPJc8bR4rnlueG55ujx3PPc8DzwDnkeeJ54XnhHPK88bzzvPlOeD54vnm2fO88Pzy/MvlFXIqmQ1sjpZg6xJ1iLrkAlkXbIeWZ9MJhuQDclGZBrZmGxKNiMzyOZkS7IVmUW2JtuQbclcsh3ZnuxAFpAdyU5kF7KI7Ep2I7uTpWQPshfZmywn+5B9yf5CeYW8Sl4jr5M3yJvkLfIOuUDeJe+R98ll8gH5kHxErpGPyafkM3KDfE6+JF+RW+Rr8g35ltwl35HvyQ/kAfmR/ER+IY/Ir+Q38jt5Sv4gf5G/yXPyD/mX/C9UVCiqFDWKOkWDoknRouhQCBRdih5Fn0KmGFAMKUYUGsWYYkoxozAo5hRLihWFRbGm2FBsKVyKHcWe4kARUBwpThQXiojiSnGjuFOkFA+KF8WbIqf4UHwp/kJlhbJKWaOsUzYom5Qtyg6lQNml7FH2KWXKAeWQckSpUY4pp5QzSoNyTrmkXFFalGvKDeWW0qXcUe4pD5QB5ZHyRHmhjCivlDfKO2VK+aB8Ub4pc8oP5ZfyL/Sr8Kvyq/Gr82vwa/Jr8evwE/h1+fX49fnJ/Ab8hvxG/DR+Y35TfjN+Br85vyW/FT+L35rfht+Wn8tvx2/P78Av4Hfkd+J34Rfxu/K78bvzS/k9+L34vfnl/D78vvz+/Q8duyOXHS2hAQAAAABJRU5ErkJggg==';

const tool = (desk, ...args) => desk.desktop.run('xdotool', args);

/** A screenshot, pasted where `target` is. */
export async function paste(page, base64, target = '[data-testid="composer-body"]') {
  await page.run(`(base64, target) => {
    const file = new File([Uint8Array.from(atob(base64), (one) => one.charCodeAt(0))], 'image.png', { type: 'image/png' });
    const event = new Event('paste', { bubbles: true, cancelable: true });
    Object.defineProperty(event, 'clipboardData', { value: { files: [file] } });
    document.querySelector(target).dispatchEvent(event);
  }`, base64, target);
}

/** With the mouse, out of another program's window. */
export async function drop(desk, file) {
  const lines = [];
  const source = start('/usr/bin/python3', [path.join(HERE, 'drag_source.py'), file], { env: desk.desktop.env, onLine: (line) => lines.push(line) });
  await until('the other window', () => lines.includes('ready'));
  const other = await until('the other window on screen', async () => (await tool(desk, 'search', '--onlyvisible', '--name', '^drag source$')).trim());
  await tool(desk, 'windowactivate', '--sync', other);
  await tool(desk, 'mousemove', '--window', other, '40', '30', 'mousedown', '1');
  for (const [x, y] of [[80, 60], [300, 200], [600, 400], [700, 420], [705, 425]]) {
    await tool(desk, 'mousemove', '--sync', String(x), String(y)).catch(() => undefined);
    await new Promise((done) => setTimeout(done, 150));
  }
  await until('the place to drop', async () => (await desk.page.allById('file-drop')).length === 1);
  await desk.desktop.picture('drop.png');
  await tool(desk, 'mouseup', '1');
  await until('the drag to end', () => lines.includes('ended'));
  await stop(source);
}

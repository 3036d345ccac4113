// The one thing that a test does to a database behind Deskbell's back: claim that a newer version wrote it.
// Format: https://www.zetetic.net/sqlcipher/design/ (version 4: 4096-byte pages, AES-256-CBC, HMAC-SHA512, raw key).
import { createCipheriv, createDecipheriv, createHmac, pbkdf2Sync, timingSafeEqual } from 'node:crypto';
import { closeSync, existsSync, openSync, readSync, statSync, writeSync } from 'node:fs';

const PAGE = 4096;
const [SALT, IV, MAC] = [16, 16, 64];
const USER_VERSION_AT = 60;

/** `key`: the 32 bytes. The database must be closed, its write-ahead log folded in. */
export function setUserVersion(file, key, version) {
  if (existsSync(`${file}-wal`) && statSync(`${file}-wal`).size > 0) throw new Error(`${file}-wal is not folded in`);
  const page = Buffer.alloc(PAGE);
  const handle = openSync(file, 'r+');
  readSync(handle, page, 0, PAGE, 0);
  const macKey = pbkdf2Sync(key, page.subarray(0, SALT).map((byte) => byte ^ 0x3a), 2, 32, 'sha512');
  const mac = () => createHmac('sha512', macKey).update(page.subarray(SALT, PAGE - MAC)).update(Buffer.from([1, 0, 0, 0])).digest();
  if (!timingSafeEqual(mac(), page.subarray(PAGE - MAC))) throw new Error('this is not the key of this database');
  const iv = page.subarray(PAGE - MAC - IV, PAGE - MAC);
  const body = page.subarray(SALT, PAGE - MAC - IV);
  const apply = (cipher) => Buffer.concat([cipher.setAutoPadding(false).update(body), cipher.final()]);
  const plain = apply(createDecipheriv('aes-256-cbc', key, iv));
  plain.writeUInt32BE(version, USER_VERSION_AT - SALT);
  plain.copy(body);
  apply(createCipheriv('aes-256-cbc', key, iv)).copy(body);
  mac().copy(page, PAGE - MAC);
  writeSync(handle, page, 0, PAGE, 0);
  closeSync(handle);
}

// Robots and their messages in words.
import type { ApiError, RobotDelivery, RobotKind, RobotRule } from '../api/generated';
import { thresholdName } from './alert';
import { l10n, t } from './l10n.svelte';
import { say } from './say';
import { clockTime, momentWithTime } from './time';
import { minuteText } from './quiet';
import { filterWords } from './view-rule';

const list = (names: string[]): string => names.join(l10n.language === 'zh-CN' ? '、' : ', ');

/** What the address of a robot begins with. */
export const ADDRESS_START: Record<RobotKind, string> = {
  dingtalk: 'https://oapi.dingtalk.com/robot/send?access_token=',
  wecom: 'https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=',
  feishu: 'https://open.feishu.cn/open-apis/bot/v2/hook/',
};

export const mentionName = (text: string): string => (text === 'all' ? t('robot-everybody') : text);

export function ruleWords(rule: RobotRule, accountName: (id: number) => string): string {
  const tells = [
    rule.alerts ? (rule.thresholds.length > 0 ? list(rule.thresholds.map(thresholdName)) : t('robot-rule-every')) : '',
    rule.escalations ? t('robot-rule-escalated') : '',
  ].filter((part) => part !== '');
  return [
    filterWords(rule.filter, accountName),
    tells.join(l10n.language === 'zh-CN' ? '，' : ', '),
    rule.mention.length > 0 ? t('robot-rule-names', { names: list(rule.mention.map(mentionName)) }) : '',
    rule.quiet ? t('robot-rule-quiet', { from: minuteText(rule.quiet.from_minute), to: minuteText(rule.quiet.to_minute) }) : '',
  ].filter((part) => part !== '').join(' · ');
}

/** What waits out a platform's penalty cannot be hastened; what is no longer true would be withdrawn again. */
export const canRetry = (delivery: RobotDelivery): boolean =>
  delivery.kind !== 'test' && (delivery.state === 'failed' || delivery.state === 'unknown' || (delivery.state === 'queued' && delivery.code !== 'rate_limited'));

export const deliveryError = (delivery: RobotDelivery): ApiError | null =>
  delivery.code ? { code: delivery.code, args: delivery.detail ? { detail: delivery.detail } : {} } : null;

/** Where a message stands, in one line. */
export function deliveryWords(delivery: RobotDelivery, now: number): string {
  const error = deliveryError(delivery);
  const reason = error ? say(error).what : '';
  const waits = delivery.not_before > now ? t('robot-waits-until', { time: momentWithTime(delivery.not_before, now) }) : t('robot-waits');
  switch (delivery.state) {
    case 'queued': return [reason, waits].filter((part) => part !== '').join(l10n.language === 'zh-CN' ? '' : ' ');
    case 'sent': return delivery.doubts > 0 ? t('robot-sent-twice', { time: clockTime(delivery.sent_at ?? delivery.created_at) }) : t('robot-sent', { time: clockTime(delivery.sent_at ?? delivery.created_at) });
    case 'failed': return reason;
    case 'unknown': return t('robot-unknown');
    case 'merged': return t('robot-merged', { id: delivery.merged_into ?? 0 });
    case 'withdrawn': return t('robot-withdrawn');
    default: return t('robot-sending');
  }
}

"""The records of --format=sisimai, ses and kumomta: a choice of fixtures as files (records/*.jsonl), and for all fixtures what
a typed reader of the other tool's records needs: each key that it must have, with its type.

    records.py DSNCTL FIXTURES [--update]
"""
import json
import os
import re
import subprocess
import sys

DSNCTL, FIXTURES = map(os.path.abspath, sys.argv[1:3])
FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'records')
# one of each kind, and of each way that a report is written
CHOICE = ['dsn/mixed-failed-and-delayed.eml', 'dsn/exim-relayed.eml', 'dsn/amavis-banned.eml', 'dsn/postfix-eai.eml', 'arf/yahoo.eml',
          'freetext/qmail-data.eml', 'freetext/exim-several.eml', 'notbounce/autoreply-left-company.eml']
NULL = type(None)
KUMO_TYPES = {'Reception', 'Delivery', 'Bounce', 'TransientFailure', 'OOB', 'Feedback'}
KUMO_KEYS = {
    'type': str, 'id': str, 'sender': str, 'recipient': str, 'queue': str, 'site': str, 'size': int, 'num_attempts': int,
    'peer_address': (dict, NULL), 'timestamp': int, 'created': int, 'bounce_classification': str, 'nodeid': (str, NULL),
    'feedback_report': (dict, NULL), 'source_address': (dict, NULL), 'response': dict, 'meta': dict, 'headers': dict,
    'egress_pool': (str, NULL), 'egress_source': (str, NULL), 'delivery_protocol': (str, NULL), 'reception_protocol': (str, NULL)}
KUMO_RESPONSE = {'code': int, 'enhanced_code': (dict, NULL), 'content': str, 'command': (str, NULL)}
KUMO_FEEDBACK = {'feedback_type': str, 'user_agent': str, 'version': str, 'original_rcpto_to': list, 'authentication_results': list,
                 'reported_domain': list, 'reported_uri': list, 'extensions': dict, 'reporting_mta': (dict, NULL),
                 'source_ip': (str, NULL), 'arrival_date': (str, NULL), 'incidents': (int, NULL)}
KUMO_CLASSES = set('''InvalidRecipient DNSFailure SpamBlock SpamContent ProhibitedAttachment RelayDenied AutoReply TransientFailure
    Subscribe Unsubscribe ChallengeResponse BadConfiguration BadConnection BadDomain ContentRelated InactiveMailbox InvalidSender
    MessageExpired NoAnswerFromHost PolicyRelated ProtocolErrors QuotaIssues RelayingIssues RoutingErrors SpamRelated VirusRelated
    AuthenticationFailed TooManyRecipients Uncategorized'''.split())
SES_TIME = r'\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z'
SES_BODIES = {'Bounce': 'bounce', 'Complaint': 'complaint', 'Delivery': 'delivery', 'DeliveryDelay': 'deliveryDelay'}
SES_SUBTYPES = {'Undetermined': {'Undetermined'}, 'Permanent': {'General', 'NoEmail', 'Suppressed', 'OnAccountSuppressionList'},
                'Transient': {'General', 'MailboxFull', 'MessageTooLarge', 'ContentRejected', 'AttachmentRejected'}}
# Sisimai 5.1
SISIMAI_TEXTS = '''action alias deliverystatus destination diagnosticcode diagnostictype feedbacktype lhost listid messageid origin reason
    replycode rhost senderdomain smtpagent smtpcommand subject timezoneoffset token addresser recipient catch decodedby command
    feedbackid'''.split()
SISIMAI_REASONS = set('''authfailure badreputation blocked contenterror delivered exceedlimit expired feedback filtered hasmoved hostunknown
    mailboxfull mailererror mesgtoobig networkerror norelaying notaccept notcompliantrfc onhold policyviolation rejected requireptr
    securityerror spamdetected speeding suspend syntaxerror systemerror systemfull toomanyconn undefined userunknown vacation
    virusdetected'''.split())


def parse(format_name, *files):
    run = subprocess.run([DSNCTL, 'parse', '--format=' + format_name, '--rules', '', *files], cwd=FIXTURES, stdout=subprocess.PIPE, encoding='utf-8')
    assert run.returncode == 0, run.returncode
    return run.stdout


def typed(record, keys):
    yield from ('%s is %r' % (key, record.get(key, 'missing')) for key, types in keys.items()
                if key not in record or not isinstance(record[key], types) or isinstance(record[key], bool))


def check_kumomta(record, event):
    yield from typed(record, KUMO_KEYS)
    yield from typed(record['response'], KUMO_RESPONSE)
    if record['feedback_report']:
        yield from typed(record['feedback_report'], KUMO_FEEDBACK)
    if record['peer_address'] and not re.fullmatch(r'[0-9a-fA-F.:]+', record['peer_address']['addr']):
        yield 'the address %r' % record['peer_address']['addr']
    if not re.fullmatch('[0-9a-f]{32}', record['id']) or record['type'] not in KUMO_TYPES:
        yield 'id or type'
    if record['bounce_classification'] not in KUMO_CLASSES:
        yield 'the class %s' % record['bounce_classification']
    if record['meta']['dsnd_id'] != event['id']:
        yield 'it is of another event'
    if event.get('status') and record['response']['content'].startswith('%d %s ' % (record['response']['code'], event['status'])):
        yield 'the codes are repeated'


def check_ses(record, event):
    kinds = [record[key] for key in ('notificationType', 'eventType') if key in record]
    if len(kinds) != 1 or [key for key in record if key in SES_BODIES.values()] != [SES_BODIES[kinds[0]]]:
        yield 'the kinds %s' % kinds
        return
    body = record[SES_BODIES[kinds[0]]]
    for time in [body.get('timestamp'), body.get('arrivalDate'), body.get('expirationTime'), record['mail'].get('timestamp')]:
        if time and not re.fullmatch(SES_TIME, time):
            yield 'the time %s' % time
    if kinds[0] == 'Bounce':
        if body['bounceSubType'] not in SES_SUBTYPES[body['bounceType']]:
            yield 'the type %(bounceType)s/%(bounceSubType)s' % body
        if (body['bounceType'] == 'Permanent') != (event['advice'] == 'suppress' and event.get('trust') != 'suspect'):
            yield '%s where the advice is %s' % (body['bounceType'], event['advice'])
        diagnostic = body['bouncedRecipients'][0].get('diagnosticCode')
        if diagnostic and not re.match(r'[\w.-]+; ', diagnostic):
            yield 'the diagnostic %s' % diagnostic


def check_sisimai(record, event):
    yield from typed(record, dict({key: str for key in SISIMAI_TEXTS}, timestamp=int, hardbounce=int, softbounce=int))
    if record['reason'] not in SISIMAI_REASONS or record['hardbounce'] not in (0, 1) or record['catch'] != '':
        yield 'reason, hardbounce or catch'
    if record['recipient'] not in (event.get('final_recipient'), event['recipient']):
        yield 'it is of another event'


# kinds that a format has records of, as docs/formats.md says
CHECKS = {'kumomta': (check_kumomta, {'bounce', 'delayed', 'delivered', 'complaint'}),
          'ses': (check_ses, {'bounce', 'delayed', 'delivered', 'complaint'}),
          'sisimai': (check_sisimai, {'bounce', 'delayed', 'complaint', 'auto_reply'})}


def has_record(event, kinds):
    return event['kind'] in kinds and event.get('recipient') and not (
        event['kind'] == 'delivered' and event.get('action') == 'expanded' or event['kind'] == 'complaint' and event.get('trust') == 'suspect')


def check_all(name):
    check, kinds = CHECKS[name]
    events = [event for event in map(json.loads, parse('json', '.').splitlines()) if has_record(event, kinds)]
    records = [json.loads(line) for line in parse(name, '.').splitlines()]
    if len(records) != len(events) or len(records) < 100:
        yield '%s: %d records of %d events' % (name, len(records), len(events))
        return
    for record, event in zip(records, events):
        yield from ('%s: %s: %s' % (name, event['source']['file'], fault) for fault in check(record, event))


def main():
    faults = []
    for name in CHECKS:
        path, found = os.path.join(FOLDER, name + '.jsonl'), parse(name, *CHOICE)
        if '--update' in sys.argv:
            with open(path, 'w', encoding='utf-8') as file:
                file.write(found)
        with open(path, encoding='utf-8') as file:
            if file.read() != found:
                faults.append('%s differs: look at it, then records.py --update' % path)
        faults += check_all(name)
    print('\n'.join(faults + ['%d faults' % len(faults)]))
    return bool(faults)


sys.exit(main())

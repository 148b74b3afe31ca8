-- Rows as a store of the first schema held them, for both databases: what stands in braces
-- (ids, bytes, yes and no) is written as each wants it.
-- log
INSERT INTO intake (seq, received_us, channel, link, meta, body, reporter_hash, reporter_sealed) VALUES
    (1, 1795136400000000, 'smpp', 'vnpt', '{}', {bytes:00ff10}, {bytes:aa01}, {bytes:bb01}),
    (2, 1795136401000000, 'web', 'form', '{"a":1}', {bytes:7b7d}, NULL, NULL);
-- state
UPDATE cursor SET seq = 2 WHERE name = 'projector';
INSERT INTO report (seq, id, received_us, channel, link, operator, to_code, reporter_hash, reporter_sealed, is_proven,
    is_mobile, intent, kind, problem, argument, text, folded, content, leniencies, findings, flags, near_key, parts,
    code, token_hash, commune, place, money_lost, duplicate_of, state, corrected_us) VALUES
    (1, {id:1}, 1795136400000000, 'smpp', 'vnpt', 'vinaphone', '156', {bytes:aa01}, {bytes:bb01}, {yes}, {yes},
     'report', 'scam_call', NULL, NULL, 'LD 0912345678 mạo danh công an', 'ld 0912345678 mao danh cong an',
     'mạo danh công an', '[]', '[]', '[]', 'aa', '[1]', 10000001, NULL, NULL, NULL, NULL, NULL, 'in_case', NULL),
    (2, {id:2}, 1795136401000000, 'web', 'form', NULL, NULL, NULL, NULL, {no}, {no}, 'report', 'scam_call', NULL,
     NULL, 'gọi từ Vietcombank', 'goi tu vietcombank', 'x', '[]', '[]', '[]', NULL, '[2]', 10000002, {bytes:cc02},
     '00004', NULL, 3000000, 1, 'done', NULL);
INSERT INTO source (id, kind, canonical, operator) VALUES
    (1, 'subscriber', '+84912345678', 'viettel'), (2, 'sender_name', 'Vietcombank', NULL);
INSERT INTO report_source (report_seq, position, source_id, as_received) VALUES (1, 0, 1, '0912345678'), (2, 0, 2, 'VCB');
INSERT INTO evidence (sha256, size, mime, added_us) VALUES ({bytes:0707}, 9, 'image/png', 1795136400000000);
INSERT INTO report_evidence (report_seq, sha256, name, added_us, added_by) VALUES
    (1, {bytes:0707}, 'ảnh.png', 1795136400000000, 'reporter');
INSERT INTO casefile (number, source_id, version, state, referral, reconsideration, opened_us, updated_us, owner) VALUES
    (1, 1, 3, 'confirmed', 'none', 'none', 1795136400000000, 1795136402000000, {id:11});
INSERT INTO case_report (case_number, report_seq) VALUES (1, 1);
INSERT INTO case_event (id, case_number, at_us, actor, action, note, detail) VALUES
    (1, 1, 1795136400000000, 'system', 'opened', '', ''), (2, 1, 1795136402000000, 'staff:x', 'confirmed', 'đã xem', '');
INSERT INTO request (id, case_number, measure, operator, issuing_body, created_us, state) VALUES
    ({id:3}, 1, 'temporary_block', 'viettel', 'Sở', 1795136402000000, 'open');
INSERT INTO message (seq, unique_key, purpose, object, to_hash, to_sealed, text, link, from_code, state, run_us,
    attempts, created_us) VALUES
    (1, 'reply:1', 'reply', 'report:1', {bytes:aa01}, {bytes:bb01}, 'Da nhan', 'vnpt', '156', 'sending', 1795136400000000,
     1, 1795136400000000),
    (2, 'reply:2', 'reply', 'report:1', {bytes:aa01}, {bytes:bb01}, 'Da nhan', 'vnpt', '156', 'planned', 1795136400000000,
     0, 1795136400000000);
INSERT INTO job (seq, unique_key, kind, payload, state, run_us, leased_us, attempts, created_us) VALUES
    (1, 'reply:1', 'reply', '{"report":1}', 'ready', 1795136400000000, 0, 0, 1795136400000000);
INSERT INTO subscriber (reporter_hash, sealed, link, to_code, since_us) VALUES
    ({bytes:aa01}, {bytes:bb01}, 'vnpt', '156', 1795136400000000);
INSERT INTO staff (id, login, name, role, password_hash, is_disabled, created_us) VALUES
    ({id:11}, 'an', 'Nguyễn Thị An', 'officer', 'x', {no}, 1795136400000000);
INSERT INTO audit (id, at_us, actor, action, object, detail) VALUES (1, 1795136400000000, 'system', 'did', 'case:1', '');

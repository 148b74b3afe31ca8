//! What citizens tell: the scams of the province's dispatch (domain notes §1) and what else people report.
//!
//! Invented words, no names, no real numbers. Written with accents; [`super::spelling`] takes them off.
//! No telling begins with a digit or a bracket: that would be another spelling, made where spellings are made.

use canhgiac_domain::intake::ReportKind;

/// A subject with the letter people send it under and the ways they tell it.
#[derive(Debug)]
pub(crate) struct Topic {
    /// A stable word for it, in tests.
    pub(crate) id: &'static str,
    pub(crate) kind: ReportKind,
    /// How often it comes up, against the others.
    pub(crate) weight: usize,
    pub(crate) tellings: &'static [&'static str],
    /// A longer story, for texts of several parts; empty when people do not tell one.
    pub(crate) stories: &'static [&'static str],
}

use ReportKind::{ScamCall, SpamCall, SpamSms};

/// All subjects.
pub(crate) const TOPICS: &[Topic] = &[
    Topic {
        id: "leaders",
        kind: ScamCall,
        weight: 6,
        tellings: &[
            "tự xưng lãnh đạo Sở, nói tôi phải nộp tiền để không bị thu hồi số",
            "giả danh lãnh đạo Công an tỉnh yêu cầu chuyển tiền để giải quyết vụ việc",
            "mạo danh phó giám đốc Sở đòi chuyển tiền gấp, dọa bắt giam",
            "xưng là cán bộ Công an tỉnh, bảo tôi chuyển tiền vào tài khoản tạm giữ",
            "gọi nói là Công an tỉnh Đắk Lắk, bắt giữ máy không được nói với ai",
        ],
        stories: &[
            "Sáng nay có người gọi cho mẹ tôi tự xưng là lãnh đạo Công an tỉnh, nói mẹ tôi liên quan đến một vụ án đang điều tra, yêu cầu không được nói với ai, ra ngân hàng rút hết tiền tiết kiệm chuyển vào tài khoản của cơ quan điều tra để chứng minh trong sạch. Mẹ tôi sợ quá đã ra đến ngân hàng, may có cô giao dịch viên hỏi lại nên chưa chuyển. Đề nghị cơ quan chức năng xử lý.",
        ],
    },
    Topic {
        id: "sim_invalid",
        kind: ScamCall,
        weight: 6,
        tellings: &[
            "nói thông tin thuê bao của tôi không hợp lệ, phải đóng tiền nếu không bị khóa hai chiều",
            "báo sim chưa chuẩn hóa, yêu cầu đọc mã OTP",
            "giả nhà mạng bảo sim sai thông tin, bấm phím 9 gặp tổng đài rồi đòi chuyển tiền",
            "dọa sau hai tiếng sẽ khóa sim vì đăng ký không chính chủ, đòi nộp phạt",
            "tự xưng cán bộ Sở Khoa học và Công nghệ nói thuê bao đăng ký sai, phải nộp phí",
        ],
        stories: &[
            "Người này gọi ba lần trong buổi sáng, nói thông tin thuê bao của tôi không hợp lệ và có người dùng căn cước của tôi đăng ký thêm một số khác ở tỉnh ngoài. Họ chuyển máy cho một người xưng là cán bộ điều tra, đọc đúng tên và ngày sinh của tôi, rồi yêu cầu kết bạn Zalo, gửi ảnh hai mặt căn cước và đóng phí xác minh thì mới không bị thu hồi số.",
        ],
    },
    Topic {
        id: "anti_state_account",
        kind: ScamCall,
        weight: 5,
        tellings: &[
            "nói căn cước của tôi bị dùng lập tài khoản mạng xã hội đăng bài chống phá Nhà nước, đòi tiền để giải quyết",
            "xưng Công an, bảo tôi có facebook nói xấu Nhà nước, phải chuyển tiền để xóa",
            "dọa tôi đăng bài chống Nhà nước, bắt gọi video và chuyển khoản",
            "nói danh tính của tôi bị dùng mở tài khoản phản động, yêu cầu hợp tác và giữ bí mật",
        ],
        stories: &[
            "Có người gọi xưng là An ninh mạng, nói căn cước của tôi đã được dùng để lập tài khoản mạng xã hội đăng bài chống phá Nhà nước và kêu gọi biểu tình. Họ gửi qua Zalo một tờ lệnh bắt có con dấu đỏ ghi đúng tên tôi, bắt tôi ở một mình trong phòng, mở camera và cài một ứng dụng để phối hợp điều tra, sau đó đòi chuyển tiền bảo lãnh.",
        ],
    },
    Topic {
        id: "drug_ring",
        kind: ScamCall,
        weight: 5,
        tellings: &[
            "nói số của tôi dính đường dây ma túy đang điều tra, phải chuyển tiền để chứng minh trong sạch",
            "báo tôi liên quan vụ án ma túy rửa tiền, dọa có lệnh bắt",
            "bảo tài khoản của tôi nhận tiền của đường dây ma túy, yêu cầu chuyển hết tiền đi để kiểm tra",
            "xưng điều tra viên, nói có bưu kiện ma túy gửi tên tôi",
        ],
        stories: &[
            "Họ nói số điện thoại của tôi nằm trong một chuyên án ma túy, đã bắt được người khai ra tôi. Tôi nói không biết thì họ quát nạt, nối máy cho người khác xưng là kiểm sát viên, bảo nếu không muốn bị tạm giam thì chuyển toàn bộ tiền vào một tài khoản an toàn để kiểm tra nguồn gốc, ba ngày sau sẽ trả lại.",
        ],
    },
    Topic {
        id: "bank",
        kind: ScamCall,
        weight: 5,
        tellings: &[
            "giả ngân hàng nói thẻ của tôi bị trừ tiền, yêu cầu đọc mã OTP",
            "xưng nhân viên ngân hàng mời nâng hạn mức thẻ tín dụng rồi xin mã OTP",
            "nói có giao dịch lạ trong tài khoản, bảo bấm vào đường dẫn để hủy",
        ],
        stories: &[],
    },
    Topic {
        id: "bank_sms",
        kind: SpamSms,
        weight: 3,
        tellings: &[
            "tin nhắn báo tài khoản bị khóa, bảo vào vietcombank.vn-xacminh.example để xác minh",
            "nhắn giả ngân hàng kèm link http://bidv-online.example/otp",
            "Tai khoan cua quy khach da dang ky dich vu tai chinh phi 2.500.000d/thang, huy tai vcb.example",
        ],
        stories: &[],
    },
    Topic {
        id: "tax",
        kind: ScamCall,
        weight: 3,
        tellings: &[
            "tự xưng cán bộ thuế yêu cầu cài ứng dụng thuế để hoàn thuế",
            "giả cơ quan thuế nói hộ kinh doanh của tôi nợ thuế, phải nộp ngay trong hôm nay",
        ],
        stories: &[],
    },
    Topic {
        id: "electricity",
        kind: ScamCall,
        weight: 3,
        tellings: &[
            "giả điện lực dọa cắt điện vì nợ tiền điện, bảo chuyển khoản",
            "xưng nhân viên điện lực, yêu cầu kết bạn Zalo cài app thanh toán tiền điện",
        ],
        stories: &[],
    },
    Topic {
        id: "vneid",
        kind: ScamCall,
        weight: 4,
        tellings: &[
            "xưng Công an xã hướng dẫn kích hoạt VNeID mức 2, gửi link cài app lạ",
            "nói căn cước của tôi sai dữ liệu, phải cập nhật VNeID qua đường dẫn họ gửi",
        ],
        stories: &[],
    },
    Topic {
        id: "parcel",
        kind: ScamCall,
        weight: 3,
        tellings: &[
            "giả bưu điện nói có đơn hàng chưa nhận, bảo chuyển khoản phí",
            "shipper giả gọi bảo chuyển tiền ship rồi gửi link hủy thẻ hội viên",
        ],
        stories: &[],
    },
    Topic {
        id: "job",
        kind: ScamCall,
        weight: 3,
        tellings: &[
            "mời làm cộng tác viên online, nạp tiền làm nhiệm vụ rồi không cho rút",
            "tuyển việc nhẹ lương cao bên Campuchia, đòi đặt cọc hồ sơ",
        ],
        stories: &[
            "Ban đầu họ cho làm nhiệm vụ thả tim trên mạng và trả tiền thật, sau đó mời vào nhóm nạp tiền để nhận hoa hồng cao hơn. Tôi nạp bốn lần, lần sau nhiều hơn lần trước, đến khi muốn rút thì họ bảo làm sai cú pháp phải nạp thêm để mở khóa tài khoản.",
        ],
    },
    Topic {
        id: "prize",
        kind: ScamCall,
        weight: 3,
        tellings: &[
            "báo trúng thưởng xe máy, đòi nộp thuế trước khi nhận giải",
            "nói tôi được tri ân khách hàng, yêu cầu đóng phí vận chuyển quà",
        ],
        stories: &[],
    },
    Topic {
        id: "loan_scam",
        kind: ScamCall,
        weight: 3,
        tellings: &[
            "cho vay qua app, chưa giải ngân đã bắt đóng phí bảo hiểm",
            "đòi nợ thay người lạ, ghép ảnh của tôi và dọa gửi cho cơ quan",
        ],
        stories: &[],
    },
    Topic {
        id: "school",
        kind: ScamCall,
        weight: 3,
        tellings: &[
            "gọi báo con tôi bị tai nạn đang cấp cứu, bắt chuyển tiền viện phí gấp",
            "xưng cô giáo nói cháu bị ngã phải mổ, đòi chuyển tiền ngay",
        ],
        stories: &[],
    },
    Topic {
        id: "relative",
        kind: ScamCall,
        weight: 2,
        tellings: &["giả giọng cháu tôi mượn tiền, gọi video hình mờ rồi tắt máy"],
        stories: &[],
    },
    Topic {
        id: "invest",
        kind: ScamCall,
        weight: 2,
        tellings: &["rủ đầu tư chứng khoán quốc tế cam kết lãi, nạp tiền xong không rút được"],
        stories: &[],
    },
    Topic {
        id: "ad_loan",
        kind: SpamSms,
        weight: 5,
        tellings: &[
            "vay tiền nhanh trong ngày chỉ cần căn cước, lãi suất thấp",
            "Vay von khong the chap, giai ngan trong 15 phut",
            "hỗ trợ vay tiền góp ngày, không giữ giấy tờ",
        ],
        stories: &[],
    },
    Topic {
        id: "ad_land",
        kind: SpamCall,
        weight: 5,
        tellings: &[
            "mời mua đất nền Buôn Ma Thuột, gọi ngày mấy lần",
            "chào bán bất động sản ven hồ, đã nói không mua vẫn gọi",
        ],
        stories: &[],
    },
    Topic {
        id: "ad_lottery",
        kind: SpamSms,
        weight: 4,
        tellings: &[
            "cho số lô đề chắc trúng, nạp thẻ để lấy số",
            "soi cầu lô đề bạch thủ, kết bạn Zalo nhận số miễn phí",
            "quảng cáo nhà cái cá độ bóng đá, tặng tiền cược lần đầu",
        ],
        stories: &[],
    },
    Topic {
        id: "ad_course",
        kind: SpamCall,
        weight: 3,
        tellings: &["mời học tiếng Anh, gọi giờ nghỉ trưa", "mời tham gia khóa học làm giàu miễn phí"],
        stories: &[],
    },
    Topic {
        id: "ad_insurance",
        kind: SpamCall,
        weight: 2,
        tellings: &["gọi mời mua bảo hiểm liên tục, chặn số này lại gọi số khác"],
        stories: &[],
    },
    Topic {
        id: "ad_data",
        kind: SpamSms,
        weight: 2,
        tellings: &["nhắn khuyến mãi gói cước mỗi ngày dù đã từ chối"],
        stories: &[],
    },
];

/// How the many witnesses of one wave tell the same call: one opening, one pretext, one demand.
pub(crate) const WAVE_OPENINGS: &[&str] = &[
    "tự xưng Công an tỉnh",
    "xưng là Công an tỉnh Đắk Lắk",
    "giả danh cán bộ Công an tỉnh",
    "nói là lãnh đạo Công an tỉnh",
    "người này mạo danh Công an tỉnh",
];

/// See [`WAVE_OPENINGS`].
pub(crate) const WAVE_PRETEXTS: &[&str] = &[
    "nói thông tin thuê bao không hợp lệ",
    "bảo căn cước của tôi bị dùng lập tài khoản chống phá Nhà nước",
    "nói số của tôi liên quan đường dây ma túy đang điều tra",
    "báo thuê bao của tôi sắp bị thu hồi",
];

/// See [`WAVE_OPENINGS`].
pub(crate) const WAVE_DEMANDS: &[&str] = &[
    "yêu cầu chuyển tiền để không bị khóa số",
    "đòi chuyển tiền gấp để giải quyết vụ việc",
    "bắt chuyển tiền vào tài khoản an toàn",
    "đòi nộp tiền, dọa bắt giam",
    "yêu cầu chuyển tiền và giữ bí mật",
];

package demo

import (
	"math/rand/v2"
	"strings"
)

// origin is one country's shape of names and of a doctor's past. The people are
// invented: common names are joined at random, and a pair that names a doctor
// in any published story is never used.
type origin struct {
	country   string // ISO 3166-1, where the qualification was awarded
	weight    int    // how often among a hundred, invented
	language  string // as people write it in a form
	given     []string
	family    []string // empty: people of one name
	schools   []string // plainly invented
	refugee   bool     // most arrive with protection rather than another permission
	tradition string   // shape of the whole name: "given family", "given father", "single"
}

// Names are written "Latin/native"; native is empty where Latin is native.
var origins = []origin{
	{country: "SY", weight: 14, language: "Arabic", refugee: true, tradition: "given family",
		given:   names("Ahmad/أحمد Mohammad/محمد Khaled/خالد Omar/عمر Yousef/يوسف Samir/سمير Rana/رنا Lina/لينا Nour/نور Hala/هالة Rima/ريما Maya/مايا Bassel/باسل Tarek/طارق Salma/سلمى Dima/ديمة"),
		family:  names("Haddad/حداد Khoury/خوري Darwish/درويش Najjar/نجار Sabbagh/صباغ Qasim/قاسم Mansour/منصور Shami/شامي Kabbani/قباني Halabi/حلبي Jabri/جابري Rifai/رفاعي"),
		schools: []string{"Orontes University of Medicine", "Northern Plain Medical College"}},
	{country: "SD", weight: 12, language: "Arabic", refugee: true, tradition: "given father",
		given:   names("Osman/عثمان Amna/آمنة Hassan/حسن Ibtisam/ابتسام Mustafa/مصطفى Salma/سلمى Elamin/الأمين Nahid/ناهد Abubakr/أبوبكر Huda/هدى Tayeb/الطيب Sara/سارة Idris/إدريس Rania/رانيا"),
		family:  names("Abdelrahman/عبدالرحمن Elhassan/الحسن Babiker/بابكر Eltayeb/الطيب Mohamedain/محمدين Khalifa/خليفة Awad/عوض Suliman/سليمان Fadl/فضل Hamid/حامد"),
		schools: []string{"Two Rivers Faculty of Medicine", "Gezira Plains Medical School"}},
	{country: "UA", weight: 11, language: "Ukrainian", refugee: true, tradition: "given family",
		given:   names("Olena/Олена Iryna/Ірина Oksana/Оксана Kateryna/Катерина Nadiia/Надія Andrii/Андрій Dmytro/Дмитро Taras/Тарас Mykola/Микола Bohdan/Богдан Yuliia/Юлія Larysa/Лариса"),
		family:  names("Kovalenko/Коваленко Shevchuk/Шевчук Bondar/Бондар Melnyk/Мельник Tkachenko/Ткаченко Moroz/Мороз Lysenko/Лисенко Savchenko/Савченко Hrytsenko/Гриценко Polishchuk/Поліщук"),
		schools: []string{"Dnipro Bend Medical University", "Carpathian Gate Medical University"}},
	{country: "MM", weight: 10, language: "Burmese", refugee: true, tradition: "single",
		given:   names("Aung/အောင် Thiri/သီရိ Min/မင်း Khin/ခင် Zaw/ဇော် Hnin/နှင်း Kyaw/ကျော် Ei/အိ Moe/မိုး Htet/ထက် Win/ဝင်း Nwe/နွယ်"),
		family:  names("Thu/သူ Lwin/လွင် Oo/ဦး Myint/မြင့် Naing/နိုင် Hlaing/လှိုင် Phyo/ဖြိုး Sandar/စန္ဒာ Mon/မွန် Paing/ပိုင်"),
		schools: []string{"Golden Delta Institute of Medicine", "Upper River Medical Institute"}},
	{country: "AF", weight: 10, language: "Persian", refugee: true, tradition: "given family",
		given:   names("Farid/فرید Zahra/زهرا Najib/نجیب Parwin/پروین Hamid/حمید Shabnam/شبنم Jawad/جواد Maryam/مریم Nasir/ناصر Laila/لیلا Basir/بصیر Freshta/فرشته"),
		family:  names("Rahimi/رحیمی Noorzai/نورزی Ahmadi/احمدی Stanikzai/ستانکزی Karimi/کریمی Popal/پوپل Haidari/حیدری Wardak/وردک Sultani/سلطانی /"),
		schools: []string{"Hindu Kush Medical Faculty", "Western Gate Medical Faculty"}},
	{country: "IQ", weight: 6, language: "Arabic", refugee: true, tradition: "given father",
		given:   names("Ali/علي Zainab/زينب Haider/حيدر Noor/نور Mustafa/مصطفى Sura/سرى Layth/ليث Ruqaya/رقية"),
		family:  names("Jassim/جاسم Kadhim/كاظم Hashim/هاشم Salman/سلمان Abbas/عباس Latif/لطيف Majeed/مجيد"),
		schools: []string{"Twin Rivers College of Medicine"}},
	{country: "ER", weight: 4, language: "Tigrinya", refugee: true, tradition: "given father",
		given:   names("Selam/ሰላም Yonas/ዮናስ Helen/ሄለን Filmon/ፊልሞን Luwam/ልዋም Samuel/ሳሙኤል"),
		family:  names("Tesfay/ተስፋይ Haile/ሃይለ Ghebre/ገብረ Kidane/ኪዳነ Tekle/ተክለ"),
		schools: []string{"Highland School of Medicine"}},
	{country: "IR", weight: 5, language: "Persian", refugee: true, tradition: "given family",
		given:   names("Reza/رضا Shirin/شیرین Kaveh/کاوه Nasrin/نسرین Arash/آرش Mina/مینا Babak/بابک Leila/لیلا"),
		family:  names("Hosseini/حسینی Moradi/مرادی Jafari/جعفری Rostami/رستمی Ebrahimi/ابراهیمی Sadeghi/صادقی"),
		schools: []string{"Caspian Medical University"}},
	{country: "NG", weight: 7, language: "English", tradition: "given family",
		given:   names("Chidi Ngozi Tunde Amaka Emeka Folake Ibrahim Aisha Segun Ifeoma Kunle Zainab"),
		family:  names("Okafor Adeyemi Bello Eze Okonkwo Balogun Nwosu Ogunleye Danjuma Obi"),
		schools: []string{"Savannah College of Medicine", "Lagoon University Medical School"}},
	{country: "PK", weight: 7, language: "Urdu", tradition: "given family",
		given:   names("Usman/عثمان Ayesha/عائشہ Bilal/بلال Sana/ثنا Hamza/حمزہ Fatima/فاطمہ Imran/عمران Saima/صائمہ"),
		family:  names("Malik/ملک Qureshi/قریشی Butt/بٹ Chaudhry/چوہدری Siddiqui/صدیقی Mirza/مرزا"),
		schools: []string{"Five Rivers Medical College"}},
	{country: "IN", weight: 5, language: "Hindi", tradition: "given family",
		given:   names("Ananya Rohan Priya Arjun Meera Vikram Kavya Sanjay"),
		family:  names("Sharma Iyer Reddy Nair Gupta Patel Menon Das"),
		schools: []string{"Deccan Institute of Medicine"}},
	{country: "EG", weight: 5, language: "Arabic", tradition: "given father",
		given:   names("Karim/كريم Mona/منى Sherif/شريف Dina/دينا Hany/هاني Yasmin/ياسمين"),
		family:  names("Fahmy/فهمي Shaker/شاكر Gaber/جابر Sobhy/صبحي Zaki/زكي"),
		schools: []string{"Delta Faculty of Medicine"}},
	{country: "VE", weight: 4, language: "Spanish", refugee: true, tradition: "given family",
		given:   names("María José Gabriela Luis Carolina Andrés Valentina Rafael"),
		family:  names("Rodríguez González Hernández Pérez Martínez Álvarez"),
		schools: []string{"Llanos School of Medicine"}},
}

func names(list string) []string { return strings.Fields(list) }

// published are people named in the programme's published stories: no fictional
// doctor may bear their names.
var published = []string{"Sofiia Abdelani", "Kirti Singhal", "Emmanuel Oisakede"}

// name is a fictional person's name as documents write it.
type name struct{ given, family, native string }

func (n name) latin() string { return strings.TrimSpace(n.given + " " + n.family) }

func (o origin) name(r *rand.Rand) name {
	given, nativeGiven, _ := strings.Cut(pick(r, o.given), "/")
	family, nativeFamily, _ := strings.Cut(pick(r, o.family), "/")
	n := name{given: given, family: family, native: strings.TrimSpace(nativeGiven + " " + nativeFamily)}
	switch {
	case o.tradition == "single": // Burmese names are one whole, of two or three parts
		middle, nativeMiddle, _ := strings.Cut(pick(r, o.given), "/")
		n.given, n.family = given+" "+middle+" "+family, ""
		n.native = strings.TrimSpace(nativeGiven + nativeMiddle + nativeFamily)
	case o.tradition == "given father" && r.IntN(3) == 0:
		father, nativeFather, _ := strings.Cut(pick(r, o.given), "/")
		n.given += " " + father
		n.native = strings.TrimSpace(nativeGiven + " " + nativeFather + " " + nativeFamily)
	}
	for _, p := range published {
		if strings.EqualFold(n.latin(), p) {
			return o.name(r)
		}
	}
	return n
}

func pick[T any](r *rand.Rand, list []T) T { return list[r.IntN(len(list))] }

func pickOrigin(r *rand.Rand) origin {
	n := r.IntN(100)
	for _, o := range origins {
		if n -= o.weight; n < 0 {
			return o
		}
	}
	return origins[0]
}

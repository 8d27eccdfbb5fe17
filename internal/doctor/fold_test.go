package doctor

import (
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"
)

// pairs are spellings of one name that a search must bring together; written
// by us from common transliterations, no real person's.
var pairs = [][2]string{
	{"Mohammed", "Muhammad"}, {"Mohamad", "محمد"}, {"Muhammed", "Mohamed"}, {"Ahmed", "أحمد"}, {"Ahmad", "Ahmed"},
	{"Yusuf", "Youssef"}, {"Yousef", "يوسف"}, {"Hussein", "Hossain"}, {"Husayn", "حسین"}, {"Hasan", "Hassan"},
	{"Abdulrahman", "Abdel Rahman"}, {"Abdurrahman", "عبد الرحمن"}, {"Abd al-Rahman", "عبدالرحمن"}, {"Abdullah", "عبد الله"},
	{"Abdallah", "Abdulla"}, {"Abdul Aziz", "عبدالعزيز"}, {"Osman", "Uthman"}, {"Usman", "عثمان"}, {"Othman", "Osman"},
	{"Omar", "عمر"}, {"Umar", "Omar"}, {"Khalid", "Khaled"}, {"Khaled", "خالد"}, {"Fatima", "Fatemeh"}, {"Fatimah", "فاطمة"},
	{"Fatima", "فاطمه"}, {"Aisha", "Ayesha"}, {"Aicha", "عائشة"}, {"Said", "Saeed"}, {"Saeed", "سعيد"}, {"Rashid", "Rachid"},
	{"Sharif", "Cherif"}, {"Jamal", "Gamal"}, {"Jamal", "جمال"}, {"Reza", "رضا"}, {"Rida", "رضا"}, {"Zakir", "ذاکر"},
	{"Navid", "نوید"}, {"Nawid", "نوید"}, {"Parvin", "پروین"}, {"Al-Hassan", "Alhassan"}, {"Alhassan", "الحسن"},
	{"Qasim", "Kassem"}, {"Qassim", "قاسم"}, {"Layla", "Leila"}, {"Laila", "ليلى"}, {"Ibrahim", "Ebrahim"}, {"Ibrahim", "إبراهيم"},
	{"Wahid", "وحید"}, {"Vahid", "Wahid"}, {"Daoud", "داود"}, {"Sa'ad", "Saad"}, {"Gul", "ګل"}, {"Bijan", "بیژن"},
	{"Oleksandr", "Олександр"}, {"Alexander", "Aleksandr"}, {"Volodymyr", "Володимир"}, {"Serhiy", "Сергій"}, {"Sergei", "Сергей"},
	{"Yelena", "Елена"}, {"Elena", "Елена"}, {"Iuliia", "Юлія"}, {"Yuliya", "Юлия"}, {"Dmytro", "Дмитро"}, {"Dmitriy", "Dmitry"},
	{"Mykhailo", "Михайло"}, {"Oksana", "Oxana"}, {"Zhanna", "Жанна"}, {"Oleh", "Олег"}, {"Yevhen", "Євген"},
	{"Tesfaye", "ተስፋዬ"}, {"Abebe", "አበበ"}, {"Yohannes", "ዮሐንስ"}, {"Getachew", "ጌታቸው"}, {"Haile", "ኃይለ"}, {"Tewodros", "ቴዎድሮስ"},
	{"Aung", "အောင်"}, {"Khin", "ခင်"}, {"Hla", "လှ"}, {"Zaw", "ဇော်"}, {"Łukasz", "Lukasz"}, {"Ayşe", "Ayse"},
}

// strangers are names that must not be taken for one another.
var strangers = [][2]string{
	{"Mohammed", "Hamid"}, {"Khalid", "Walid"}, {"Fatima", "Farida"}, {"Oksana", "Olena"}, {"Tesfaye", "Abebe"},
	{"Ibrahim", "Abraham Lincoln"}, {"Yusuf", "Yasmin"}, {"محمد", "أحمد"}, {"Сергій", "Андрій"}, {"Rahman", "Rahim"},
}

func sameName(a, b string) bool {
	x, y := fold(a), fold(b)
	if len(x) != len(y) {
		return joined(x) == joined(y)
	}
	for i := range x {
		if !overlap(x[i].skeletons, y[i].skeletons) {
			return joined(x) == joined(y)
		}
	}
	return true
}

func TestSpellingsOfOneNameMeet(t *testing.T) {
	for _, p := range pairs {
		if !sameName(p[0], p[1]) {
			t.Errorf("%s %+v and %s %+v do not meet", p[0], fold(p[0]), p[1], fold(p[1]))
		}
	}
	for _, p := range strangers {
		if sameName(p[0], p[1]) {
			t.Errorf("%s and %s are taken for one name", p[0], p[1])
		}
	}
}

func name() *rapid.Generator[string] {
	var all []string
	for _, p := range pairs {
		all = append(all, p[0], p[1])
	}
	return rapid.Custom(func(t *rapid.T) string {
		return strings.Join(rapid.SliceOfN(rapid.SampledFrom(all), 1, 4).Draw(t, "parts"), " ")
	})
}

func keys(s string) []string {
	var out []string
	for _, p := range fold(s) {
		out = append(out, p.skeletons...)
	}
	slices.Sort(out)
	return out
}

func TestFoldingIgnoresCaseOrderAndComposition(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := name().Draw(t, "name")
		words := strings.Fields(s)
		slices.Reverse(words)
		for _, other := range []string{strings.ToUpper(s), norm.NFD.String(s), "  " + s + "\t", strings.Join(words, "-")} {
			if !slices.Equal(keys(s), keys(other)) {
				t.Fatalf("%q folds to %v, %q to %v", s, keys(s), other, keys(other))
			}
		}
	})
}

func TestFoldingTakesAnyText(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		for _, p := range fold(rapid.String().Draw(t, "text")) {
			if len(p.skeletons) == 0 {
				t.Fatalf("part %+v has no skeleton", p)
			}
		}
	})
}

func FuzzFold(f *testing.F) {
	for _, p := range pairs {
		f.Add(p[0])
		f.Add(p[1])
	}
	f.Fuzz(func(t *testing.T, s string) { fold(s) })
}

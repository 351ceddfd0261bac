package sample

// english is what most sessions are held in.
var english = &tongue{
	language: "English",
	topics: []string{
		"hand-drawn maps", "radio mesh networks", "battery packs", "seed libraries", "typefaces for small languages",
		"tide tables", "open weather stations", "bicycle computers", "paper archives", "solar kitchens", "braille printers",
		"river sensors", "message queues", "property-based tests", "translation memories", "school servers", "loom controllers",
		"bird song recorders", "public timetables", "home-made instruments", "spreadsheets", "backups", "digital herbaria", "street lamps",
	},
	titles: []string{
		"*: a field guide", "What ten years of * taught us", "* for beginners", "How we stopped worrying about *", "The hidden cost of *",
		"*, from sketch to workshop", "Teaching * in one afternoon", "Who maintains *?", "* without the cloud", "A short history of *",
		"Measuring *", "* & friends: \"it worked on my bench\"", "Mending *", "Why * need good documentation", "* in 100 lines",
	},
	subtitles: []string{
		"Lessons from three villages", "With live demonstrations", "And what went wrong", "* beyond the prototype", "Bring your own laptop",
	},
	sentences: []string{
		"We began with * because nobody else would.",
		"The first version failed within a week, and the second taught us why.",
		"This session shows what * cost in <em>time</em>, money and patience.",
		"No earlier knowledge is needed; curiosity about * is enough.",
		"All drawings, parts lists and programs are free to copy.",
		"We compare four ways to build * and measure each of them.",
		"You will leave with a list of mistakes you need not make yourself.",
		"* are older than they look, and their future is <strong>not</strong> settled.",
	},
	items: []string{
		"the smallest kit for *", "reading other people's plans", "how to ask for help", "a checklist to take home", "where * break first",
	},
	close: "Notes and exercises",
}

// tongues are all languages that sessions are held in.
var tongues = []*tongue{
	english,
	{
		language:  "German",
		topics:    []string{"Wetterstationen", "Stadtpläne", "Funknetze", "Schulserver", "Brückensensoren", "Saatgutbibliotheken"},
		titles:    []string{"* für alle", "Was * wirklich kosten", "*: ein Erfahrungsbericht", "Zehn Jahre *", "Größere *, kleinere Sorgen"},
		subtitles: []string{"Mit Übungen", "Ein Überblick", "* zum Mitmachen"},
		sentences: []string{
			"Am Anfang wusste niemand, wie man * baut.", "Wir zeigen, was schiefging und warum.",
			"Vorkenntnisse über * sind nicht nötig.", "Alle Pläne dürfen <em>frei</em> kopiert werden.",
		},
		items: []string{"die häufigsten Fehler", "* im Alltag", "Fragen und Antworten"},
		close: "Unterlagen",
	},
	{
		language:  "French",
		topics:    []string{"les cartes à main levée", "les réseaux radio", "les herbiers numériques", "les horloges à marée", "les cuisines solaires"},
		titles:    []string{"* pour débuter", "Réparer *", "Ce que coûtent *", "*, dix ans après", "Comprendre * en une heure"},
		subtitles: []string{"Avec démonstration", "Récit d'un échec réussi", "* pas à pas"},
		sentences: []string{
			"Personne ne voulait s'occuper de ce chantier : *.", "La première version a duré une semaine.",
			"Aucune connaissance préalable n'est nécessaire.", "Tous les plans sont <strong>libres</strong>, même ceux qui ont échoué.",
		},
		items: []string{"les erreurs à éviter", "* au quotidien", "où demander de l'aide"},
		close: "Notes de séance",
	},
	{
		language:  "Russian",
		topics:    []string{"рукописные карты", "радиосети", "школьные серверы", "погодные станции", "речные датчики"},
		titles:    []string{"*: полевое руководство", "* для начинающих", "Как мы чинили *", "Десять лет с темой «*»", "* без облака"},
		subtitles: []string{"С упражнениями", "Что пошло не так", "* шаг за шагом"},
		sentences: []string{
			"Мы начали с темы «*», потому что больше никто не хотел.", "Первая версия сломалась через неделю.",
			"Предварительные знания не нужны.", "Все чертежи и программы можно <em>свободно</em> копировать.",
		},
		items: []string{"частые ошибки", "* каждый день", "вопросы и ответы"},
		close: "Заметки",
	},
	{
		language:  "Chinese",
		topics:    []string{"手绘地图", "无线网状网络", "种子图书馆", "气象站", "校园服务器"},
		titles:    []string{"*入门", "*十年回顾", "如何维护*", "没有云的*", "*:一小时实践"},
		subtitles: []string{"现场演示", "我们学到了什么", "*之外"},
		sentences: []string{
			"我们从*开始,因为没有别人愿意做。", "第一个版本一周之内就坏了。", "不需要任何基础,只要对*感兴趣。", "所有图纸和程序都可以<strong>自由</strong>复制。",
		},
		items: []string{"常见错误", "日常生活中的*", "提问与讨论"},
		close: "课堂笔记",
	},
	{
		language:  "Arabic",
		topics:    []string{"الخرائط اليدوية", "شبكات الراديو", "مكتبات البذور", "محطات الطقس", "خوادم المدارس"},
		titles:    []string{"* للمبتدئين", "كيف أصلحنا *", "عشر سنوات مع *", "* بلا سحابة", "دليل ميداني: *"},
		subtitles: []string{"مع عرض حي", "ما الذي تعلمناه", "* خطوة بخطوة"},
		sentences: []string{
			"بدأنا مع * لأن أحدا غيرنا لم يرد ذلك.", "تعطلت النسخة الأولى بعد أسبوع.", "لا حاجة إلى معرفة سابقة.", "كل الرسوم والبرامج <em>حرة</em> للنسخ.",
		},
		items: []string{"أخطاء شائعة", "* كل يوم", "أسئلة وأجوبة"},
		close: "ملاحظات الجلسة",
	},
}

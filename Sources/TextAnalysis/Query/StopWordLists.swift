/// Function words by language: articles, pronouns, prepositions, conjunctions, auxiliaries, question words, common adverbs.
///
/// They stay in the index and can be searched; beside other words of a query they only weigh less
/// (``AnalyzerConfiguration/stopWordBoost``). So negations are among them, but no words that are mostly content.
///
/// As the analyzer gives them: folded (no final sigma, no zero-width joiners, `ำ` and `և` in two letters), and for languages
/// without spaces in the pieces that ICU's dictionaries cut, particles of endings too. Spelling variants stand beside each
/// other: Serbian in both scripts, Yiddish with and without points, Romanian with commas and cedillas, Armenian question
/// words with their mark inside.
extension StopWords {
    /// By ISO 639-1 code: words divided by spaces, folded as the analyzer folds.
    static let lists: [String: String] = [
        "ar": """
        في من على إلى الى عن مع بين حتى منذ خلال أثناء عند عندما عبر حول ضد دون بدون قبل بعد تحت فوق أمام لدى نحو سوى غير إلا أن ان إن أنه \
        أنها إنه إنها بأن لأن لأنه فإن كأن لكن ولكن أو او أم و ثم بل إذا اذا إذ لو كي لكي كما مثل حيث بينما ما ماذا متى أين اين كيف كم لماذا \
        هل أي اي أية مما عما بماذا لمن فيما بما هو هي هم هما أنا نحن أنت هذا هذه هؤلاء ذلك تلك أولئك هنا هناك الذي التي الذين والتي والذي \
        اللذان اللتان كان كانت كانوا يكون تكون يكن تكن ليس ليست لا لم لن قد لقد سوف تم يتم تمت فيه فيها منه منها منهم عليه عليها إليه إليها له \
        لها لهم لنا به بها بهم عنه عنها معه معها كل بعض جميع أحد إحدى نفس جدا فقط أيضا أيضًا أيضاً أكثر أقل كذلك وفي ومن وعلى وهو وهي وكان \
        وكانت ولا ولم وما وقد وأن
        """,
        "bg": """
        и в във на с със за от до по при без под над между през пред след около срещу сред освен вместо към из у о чрез според а но или либо \
        нито че да ако когато докато тъй като защото обаче макар дали както така също кой коя кое кои кого кому чий чия чие чии какво какъв \
        каква какви къде откъде накъде кога защо как колко който която което които когото чиято чийто където какъвто аз ти той тя то ние вие \
        те мен ме ми теб му го нея я ѝ ни нас ви вас им ги тях си се себе свой своя свое своите негов негова неговата неговия неин неговите \
        техния този тази това тези онзи онази онова онези тоя такъв такава такива е са съм сме сте бе беше бил била било били бъде бъдат бяха \
        няма има имат може могат ще би не трябва само много най още вече повече един една едно всички всеки всяка всичко друг друга други \
        никой нищо там тук тогава сега
        """,
        "ca": """
        el la els les l un una uns unes lo de del dels d'un d'una a al als en amb per pel pels sense sobre entre des fins cap contra durant \
        segons mitjançant sota dins davant darrere abans després i o ni però sinó que perquè si com quan mentre encara doncs on què qui quin \
        quina quins quines quant quanta quants quantes qual quals jo tu ell ella nosaltres vosaltres vostè ells elles em et es ens us se s'ha \
        s'han me te li hi ho n'hi meu meva teu teva seu seva seus seves nostre nostra vostre aquest aquesta aquests aquestes aquell aquella \
        aquells això allò és són era eren fou ser sigut estat està estan estava sent ha han havia havien haver hem té tenen tenia pot poden \
        podia fer va van no sí també només molt molta molts moltes més menys massa ja així tan tot tota tots totes altre altra altres mateix \
        mateixa cada algun alguna alguns algunes res aquí allà ara
        """,
        "cs": """
        a i v ve z ze na do od pro o u po při před přes pod nad za bez mezi k ke ku s se si nebo či ale však avšak že aby by protože když \
        pokud jestli zda než jak jako také též ani kolem během podle proti kromě vedle místo mimo skrz kdo koho komu kým kom co čeho čemu čím \
        čem jaký jaká jaké jakého jakém jakým jakou jakých který která které kteří kterého kterém kterým kterou kterých kterými kde odkud kam \
        kdy proč kolik kolika kolikátý čí já ty on ona ono my vy oni ony mě mne mi mně tě ti jeho ho jemu mu jej ji jí její jejich jich jim \
        nás nám vás vám něj něm ní nich nimi sebe sobě svůj svá své svou svého svých svým můj náš ten ta to toho té těch tom tím tu tato tento \
        toto tyto této těchto takový takové je jsou byl byla bylo byli byly být bude budou jsem jsi jsme jste není nejsou má mají měl může \
        mohou lze musí ne jen pouze velmi už již ještě více nejvíce všechny vše všech každý každá každé jiné jiný sám žádný tak zde tam tady stále
        """,
        "da": """
        en et den det de i på af til fra med for om under over mellem gennem mod ved efter før uden hos ifølge siden inden ad og eller men at \
        som når da hvis fordi mens end så både ikke hverken samt dog hvad hvem hvilken hvilket hvilke hvor hvorfor hvordan hvornår hvoraf \
        hvorfra mange meget jeg du han hun vi mig dig ham hende os jer dem sig min mit mine din dit dine sin sit sine hans hendes dens dets \
        vores jeres deres denne dette disse man nogen noget nogle ingen intet alle alt hver hvert der er var være været bliver blev blive \
        blevet har havde have haft kan kunne skal skulle må måtte vil ville får fik bør gør gjorde også kun bare blot mere mest allerede nu \
        her samme selv anden andet andre sådan nå vore
        """,
        "de": """
        der die das den dem des ein eine einen einem einer eines kein keine keinen ich du er sie es wir ihr mich uns mir dir ihm ihnen ihn \
        sich man mein meine sein seine seinen seinem seiner ihre ihren ihrem ihrer unser unsere dieser diese dieses diesen diesem dies jeder \
        jede jedes alle allen aller alles denen deren dessen in im an am auf aus bei beim bis durch für gegen mit nach ohne seit über um unter \
        von vom vor zu zum zur zwischen während wegen und oder aber denn sondern dass weil wenn ob als wie obwohl damit sowie weder noch ist \
        sind war waren bin sei wäre wird werden wurde wurden worden hat haben hatte hatten kann können konnte muss müssen soll sollte darf \
        will gibt was wer wen wem wessen wo woher wohin wann warum weshalb wieso welche welcher welches welchen welchem wieviel wieviele viel \
        viele vielen womit wofür wodurch worin woran worauf worüber wovon wozu nicht nur auch sehr so da dann hier dort mehr etwas andere \
        anderen
        """,
        "el": """
        ο η το οι τα του τησ των τον την τη τουσ τισ ένασ μια μία ένα ενόσ μιασ έναν από με σε στο στη στην στον στουσ στισ στα για προσ κατά \
        μετά χωρίσ μέχρι έωσ ωσ παρά αντί πριν μεταξύ κάτω πάνω μέσα έξω μέσω υπό λόγω και κι ή αλλά όμωσ ούτε είτε ότι πωσ που όπου αν εάν \
        όταν ενώ επειδή γιατί διότι ώστε καθώσ αφού να θα ασ δεν δε μην μη όχι τι ποιοσ ποια ποιο ποιοι ποιεσ ποιον ποιουσ ποιων ποιασ ποιου \
        πού πώσ πότε πόσο πόσοσ πόση πόσα πόσοι πόσεσ πόσων είναι ήταν είμαι έχει έχουν είχε είχαν υπάρχει υπάρχουν μπορεί μπορούν μπορούσε \
        πρέπει εγώ εσύ αυτόσ αυτή αυτό αυτοί αυτέσ αυτά αυτού αυτήσ αυτών αυτόν αυτήν εμείσ εσείσ μου σου μασ σασ εκείνοσ εκείνη εκείνο όλα \
        όλοι όλεσ κάθε κάποιοσ κάποια κάποιο κάποιεσ κάποιοι οποίοσ οποία οποίο οποίοι οποίεσ οποίων οποίου οποίασ οποίουσ όσο όσοι πολύ πιο \
        επίσησ μόνο τόσο εδώ εκεί όπωσ έτσι
        """,
        "en": """
        a about above after again against all also am an and any are aren't as at be because been before being below between both but by can \
        can't could couldn't did didn't do does doesn't doing don't down during each either few for from further had hadn't has hasn't have \
        haven't having he her here hers herself him himself his how i i'm if in into is isn't it it's its itself just may me might more most \
        must my myself neither no nor not of off on once only or other our ours ourselves out over own same shall she should shouldn't so some \
        such than that that's the their theirs them themselves then there these they this those through to too under until up upon us very was \
        wasn't we were weren't what when where which while who whom whose why will with within without won't would wouldn't you your yours \
        yourself yourselves many much every since though although however whether cannot another else ever per via what's who's where's how's \
        there's he's she's let's i've you're they're
        """,
        "es": """
        el la los las un una unos unas lo al del de a en con por para sin sobre entre desde hasta hacia según durante mediante contra tras \
        ante bajo y e o u ni pero sino que porque pues aunque si como cuando mientras donde qué quién quiénes cuál cuáles cuándo dónde cómo \
        cuánto cuánta cuántos cuántas adónde quien quienes cual cuales cuanto yo tú él ella ello nosotros usted ustedes ellos ellas me te se \
        nos os le les mi mis tu tus su sus nuestro nuestra este esta esto estos estas ese esa eso esos esas aquel aquella aquellos cuyo cuya \
        es son era eran fue fueron ser sido siendo está están estaba estaban ha han había habían haber hay he sea tiene tienen tenía puede \
        pueden podía no sí también solo sólo muy más menos ya así tan tanto todo toda todos todas otro otra otros otras mismo misma cada algún \
        alguna algunos algunas ningún ninguna mucho muchos muchas cualquier aquí allí
        """,
        "eu": """
        eta edo ere baina baizik izan ez bai ezta zeren ala bestela beraz arren zer zein zeinek zeintzuk zerk zeri zertan zertarako zergatik \
        nor nork nori noren norekin nortzuk non nondik nora noiz noizko noiztik nola nolako zenbat zenbatek zenbatean ni hi zu gu zuek nire \
        zure gure bere haien beren nik zuk guk hau hori hura hauek horiek haiek honek horrek hark honen horren haren hauen horien honetan \
        horretan hartan hona hemen hor han bat bati baten batek batzuk batzuen batean beste besteak bera berak bertan bertako da dira zen \
        ziren naiz gara zara dago daude zegoen zeuden du ditu dute dituzte zuen zuten zituen zituzten dio zion zaio zaie izango izaten izateko \
        izana bada den diren duen duten zuena dela direla duela zela egin egiten dezake daiteke behar ahal gainean azpian aurrean atzean \
        artean barruan kanpoan ondoan ondoren aurretik arte bezala gabe buruz bidez kontra alde zehar guzti guztiak guztien oso asko gehiago \
        gehien gutxi baino beti orain orduan horrela hainbat zenbait inor ezer edozein bakarrik
        """,
        "fa": """
        و در به از که این آن را با برای بر تا هم یا اما ولی اگر چون زیرا پس نیز بین میان روی زیر بدون درباره درمورد مانند مثل طبق توسط طی \
        هنگام هنگامی وقتی زمانی پیش قبل بعد نزد علیه جز بلکه چنانچه گرچه اگرچه سپس همچنین چه چی چیست کی کیست کیستند کدام کدامیک کجا کجاست چرا \
        چگونه چطور چند چندین چقدر چیزی آیا چنین چنان چندم من تو او ما شما آنها آنان ایشان وی خود خودش خویش اینها آنچه اینکه آنکه هرچه یک هر \
        همه هیچ برخی بعضی دیگر چیز همین همان تنها فقط خیلی بسیار بیشتر ترین تر بیش کمتر هنوز حتی اکنون حالا البته است هست هستند بود بودند باشد \
        باشند بوده شد شدند شده شود شوند میشود میشوند میشد نیست نیستند نبود نشد کرد کردند کرده کند کنند میکند میکنند میکرد کردن شدن بودن دارد \
        دارند داشت داشتند داشته داده خواهد خواهند باید میتواند میتوان تواند گردید می نمی ها های هایی ای ام اند
        """,
        "fi": """
        ja tai sekä mutta että jos kun koska vaikka kuin niin eli vaan myös eikä mikä mitä minkä missä mistä mihin millä miltä mille miksi \
        mitkä mitkäs kuka ketkä kenen ketä kenet kenelle keneltä kuinka miten milloin montako moniko paljonko kumpi millainen minkälainen moni \
        monta paljon joka jotka jonka joita joiden jota jossa josta johon jolla jolle joissa minä sinä hän me te he minun sinun hänen meidän \
        teidän heidän minut hänet häntä hänelle minulla se sen sitä siitä siinä siihen sillä ne niiden niitä niissä tämä tämän tätä tässä \
        tästä nämä näiden tuo tuon itse on ovat oli olivat olla ollut olleet olisi olen olet ei eivät en et eikö onko oliko voi voivat voidaan \
        pitää täytyy kanssa ilman ennen jälkeen aikana kautta mukaan vastaan välillä päällä alla yli ali luona sisällä saakka asti varten \
        takia vuoksi vain hyvin sitten nyt enemmän eniten vielä jo kaikki kaikkien muu muut muiden sama saman jokin joku jonkin yksi
        """,
        "fr": """
        le la les un une des du de d'un d'une au aux à en dans par pour avec sans sous sur entre vers chez depuis pendant avant après contre \
        jusque jusqu'à dès selon et ou mais donc ni car que qu quand lorsque si comme puisque parce qui quoi dont où quel quelle quels quelles \
        lequel laquelle lesquels lesquelles comment combien pourquoi qu'est c'est je tu il elle on nous vous ils elles me te se moi lui leur \
        leurs y ce cet cette ces cela ça celui celle ceux celles mon ma mes son sa ses notre nos votre vos est sont était étaient être été \
        sera serait fut furent a ont avait avaient avoir eu ai as peut peuvent doit doivent ne pas plus moins très aussi même mêmes tout toute \
        tous toutes autre autres chaque quelques aucun aucune ainsi alors ici qu'il qu'elle qu'ils qu'on qu'un qu'une n'est n'a n'ont s'est \
        s'il l'on j'ai n t s'agit lors
        """,
        "ga": """
        an na a ag i in sa san ar as do de den don ó ón go chuig faoi roimh le leis idir trí thar um gan chun agus is nó ach má dá mura mar \
        nuair sula cé cad céard cathain cá cén cár conas mhéad cérbh cér cibé mé tú sé sí muid sinn siad sibh é í iad ea mo ár bhur seo sin \
        siúd féin tá bhí bhfuil raibh níl ní nach gur gurb ba bheidh beidh bíonn bheith atá níor nár ab b'é arb rinne déanann leo liom leat \
        léi linn libh aige aici acu agam agat againn air uirthi orthu orm ort orainn dó di dóibh dom duit dúinn ann inti iontu uaidh uathu \
        faoina lena ina inar ónar dár lenár faoin trína freisin chomh níos mó amháin fós anois ansin anseo gach aon eile uile roinnt iomaí \
        mórán céanna éigin
        """,
        "he": """
        של את על אל עם מן בין עד לפני אחרי תחת מעל נגד בלי ללא למען בתוך מתוך דרך לפי כדי עבור אצל מול כמו לגבי במשך בעקבות או אבל אך כי אם \
        אלא גם וגם אף רק כאשר כש לכן אז מכיוון למרות אולם בגלל כך כיוון אשר ו מה מהו מהי מהם מהן מי מיהו מיהי מתי איפה היכן לאן מאין מניין איך \
        כיצד כמה למה מדוע איזה איזו אילו אלו האם במה ממה למי ממי באיזה באיזו באילו לאיזה מאיזה אני אתה הוא היא אנחנו אנו אתם הם הן זה זו זאת \
        אלה ההוא ההיא כזה כאלה שם כאן פה אותו אותה אותם אותן אותי אותנו לו לה להם להן לי לנו לך לכם בו בה בהם בהן בי ממנו ממנה שלו שלה שלהם \
        שלי שלנו שלך עליו עליה עליהם אליו אליה ידי עצמו עצמה היה הייתה היתה היו יהיה תהיה יהיו להיות הינו הינה יש אין אינו אינה אינם לא בלבד \
        יכול יכולה יכולים כל מאוד מאד יותר ביותר פחות עוד כבר עדיין רוב כמעט אחר אחרת אחרים אחד אחת
        """,
        "hi": """
        का के की को में से पर ने तक और या व एवं तथा लेकिन परंतु परन्तु किंतु किन्तु बल्कि कि क्योंकि यदि अगर तो भी ही जब तब जहाँ जहां वहाँ \
        वहां यहाँ यहां जैसे जबकि हालांकि क्या कौन कौनसा कौनसी किस किसने किसे किसको किसका किसकी किसके किन किसमें कब कहाँ कहां क्यों कैसे कैसा \
        कैसी कितना कितने कितनी सा सी मैं हम तुम आप वह वो वे यह ये उस इस उन इन उसे इसे उन्हें इन्हें उसका उसकी उसके इसका इसकी इसके उनका उनकी \
        उनके मेरा मेरे मेरी हमारा हमारे हमारी अपना अपने अपनी जो जिस जिसे जिसने जिसका जिसकी जिसके जिसमें जिन जिन्हें उन्होंने उसने है हैं था थे \
        थी थीं हूँ हो होता होते होती होना होने हुआ हुई हुए होगा गया गए गई जाता जाती जाते जाना जा कर करना करने करता करते करती किया किए रहा रहे \
        रही सकता सकते सकती चाहिए नहीं न बहुत अधिक सबसे केवल बाद पहले साथ लिए द्वारा बीच बारे बिना दौरान वाले वाली वाला सभी सब कुछ कोई किसी हर \
        अन्य एक अब फिर
        """,
        "hu": """
        a az egy és s vagy de hogy ha mert mint mivel valamint illetve pedig sem se is nem ne csak meg el ki fel mi mit mik miért mikor hol \
        hová honnan hogyan kit kik kinek kivel kitől milyen melyik melyek melyiket mennyi mennyit hány hányan meddig mióta miből miben mire \
        miről mitől minek mekkora én te ő ti ők engem téged őt minket őket neki nekik ez azt ezt ezek azok ennek annak ebben abban erre arra \
        ezzel azzal ettől attól ebből abból maga saját ami amely amelyek amelyet akik aki amit amikor ahol ahogy olyan ilyen van vannak volt \
        voltak lesz lenne lehet lett lettek nincs kell tud volna legyen való alatt után előtt között mellett szerint felett által át óta ellen \
        miatt nélkül során felé helyett számára közül nagyon még már most itt ott így úgy több sok minden mindig néhány más
        """,
        "hy": """
        եւ ու կամ բայց իսկ սակայն որ թե եթե երբ որպես որպեսզի քանի քանզի ինչպես նաեւ այլ ինչ ով որը որի որին որոնք որոնց որտեղ որտեղից ուր \
        ինչու որքան ինչքան ինչպիսի ում ումից ինչի ինչից ինչով որում որով ի՞նչ ո՞վ ո՞ր ո՞րն ո՞րը ե՞րբ որտե՞ղ որտեղի՞ց ո՞ւր ինչո՞ւ ինչպե՞ս քանի՞ \
        որքա՞ն ինչքա՞ն ինչպիսի՞ ո՞ւմ ինչի՞ որո՞նք արդյոք ես դու նա մենք դուք նրանք իմ քո նրա մեր ձեր նրանց ինձ քեզ նրան մեզ ձեզ իր իրենց իրեն \
        ինքը այս այդ այն սա դա սրանք դրանք այստեղ այնտեղ այդտեղ սրա դրա այսպես այնպես է եմ են եք ենք էր էի էին էինք եղել եղավ լինել լինի \
        լինում կա կան կար չէ չի չեն չէր ոչ մի պետք կարող կարելի պիտի մեջ վրա տակ հետ մոտ համար մասին միջեւ առանց ըստ դեպի մինչ մինչեւ առաջ \
        հետո կողմից միջոցով դեմ շուրջ պես չափ շատ ավելի ամենա բոլոր ամեն յուրաքանչյուր միայն արդեն դեռ հիմա այժմ նույն ուրիշ մյուս որոշ քիչ
        """,
        "id": """
        yang dan di ke dari untuk dengan pada dalam oleh sebagai adalah ialah merupakan akan telah sudah belum sedang masih bisa dapat harus \
        boleh mungkin ini itu tersebut apa apakah siapa siapakah kapan kapankah mana manakah dimana bagaimana bagaimanakah mengapa kenapa \
        berapa berapakah saya aku kamu anda dia ia mereka kami kita beliau nya atau tetapi tapi namun karena sebab jika kalau bila apabila \
        ketika saat sementara serta maupun bahwa agar supaya sehingga meskipun walaupun maka yakni yaitu tidak bukan tak jangan hanya juga \
        sangat lebih paling lagi pun saja seperti antara tentang terhadap melalui tanpa sejak hingga sampai setelah sebelum selama secara para \
        semua setiap beberapa banyak lain lainnya suatu sebuah seorang satu ada begitu demikian terlalu sekali sama atas bagi kepada
        """,
        "it": """
        il lo la i gli le l un uno una un' di a da in con su per tra fra del dello della dei degli delle al allo alla ai agli alle dal dallo \
        dalla dai dagli dalle nel nello nella nei negli nelle sul sullo sulla sui sugli sulle dell nell all dall sull quell e ed o oppure ma \
        però che perché se come quando mentre dove anche né poiché dopo prima durante senza contro verso fino chi cosa cos cui quale quali \
        quanto quanta quanti quante qual com'è dov'è cos'è qual'è dov com c'è io tu lui lei noi voi loro mi ti si ci vi ne questo questa \
        questi queste quello quella quelli quelle ciò mio suo sua suoi sue nostro nostra è sono era erano essere stato stata stati fu furono \
        sia ha hanno aveva avevano avere può possono deve non più meno molto molti molte solo già così tutto tutta tutti tutte altro altra \
        altri altre ogni alcuni alcune stesso stessa
        """,
        "ja": """
        の は を に が で と も へ や か から まで より だけ など ので のに のみ ば ても けれど ね よ では には とは にも でも とも への からの での という といった として について \
        に関する に対して に対する において における によって により による とともに ため ように よう くらい ほど たち ら です でし だ だっ だろ である ます まし ま ません せん した たか すか \
        いるか し しま する さ せ される れ れる られ たい いる いま い てい って て た ある あり ありま あっ いう こと もの ない なく なかっ なら なる なり なっ できる でき 何 何が 何を \
        何で 何と 何の 何に 何か 何だ なに なん 何人 何年 何時 何月 何日 何回 誰 誰が 誰の だれ 誰か どなた いつ どこ どれ どちら どの どんな どう どういう どうして なぜ 何故 いくつ 幾つ \
        いくら いかに 如何 どの様 どうやって この その あの これ それ あれ ここ そこ こう そう これら それら これらの それらの こちら 私 彼 彼女 彼ら 我々 あなた 自分 また および 及び または \
        又は あるいは しかし さらに そして ただし なお つまり そのため その後 とても 非常 最も すべて 全て それぞれ
        """,
        "ko": """
        이 그 저 이것 그것 것 것은 것이 것을 것으로 것이다 수 등 및 또는 또한 그리고 그러나 하지만 그래서 따라서 즉 무엇 무엇을 무엇이 무엇인가 무엇인가요 무엇입니까 무엇으로 뭐 무슨 어떤 어느 \
        누구 누가 누구의 누구를 누구인가 누구입니까 누구에게 언제 언제부터 언제까지 어디 어디에 어디에서 어디서 어디로 어디인가 어디입니까 왜 어떻게 얼마 얼마나 몇 몇몇 나 나는 내 내가 우리 우리는 \
        그는 그가 그의 그녀 그녀는 그녀의 그들 그들은 그들의 저는 제가 자신 자신의 이는 이를 이에 여기 거기 있는 있다 있습니다 있었다 있었습니까 있습니까 있으며 있고 있을 없는 없다 없이 하는 \
        하다 한다 합니다 했다 했습니까 했는가 하고 하여 해 한 할 하기 하지 되는 된 된다 되었다 되었습니까 됩니다 되어 이다 입니다 인 이었다 였다 아닌 아니라 않는 않은 같은 같이 대한 대해 \
        대하여 위한 위해 통해 의해 의한 따라 따른 관한 함께 때 때문에 동안 사이 사이에 중 후 전 이후 이전 부터 까지 더 가장 매우 아주 너무 모든 각 여러 많은 많이 다른 이런 그런 이러한 \
        그러한 이렇게 다시
        """,
        "lt": """
        ir ar o bet arba tačiau kad jei jeigu nes kai nors kaip bei taip pat nei negu tik tiktai todėl kas ką ko kuo kam kur kada kodėl kiek \
        kelių kelis keli kelios kuris kuri kurie kurios kurį kurią kuriuo kuria kurio kuriame kurioje kuriam kurių kuriuose koks kokia kokie \
        kokios kokį kokią kokio kieno iš kelintais aš tu jis ji mes jūs jie jos mane tave jį ją mus jus juos jas man jam jai mums jums jiems \
        jo jų mano tavo mūsų jūsų savo save sau šis ši šie šios šį šią šio šiuo tas ta tie tos tą to tuo tai tam tokia toks tokie yra buvo \
        būti bus būtų esu esame esant būna nėra nebuvo gali galima galėjo turi turėjo reikia ne į iki nuo su be per prie po prieš už dėl pagal \
        apie tarp virš ant pas kartu metu link labai daugiau daugiausia dar jau čia ten dabar tada visi visos visų visas visa kitas kita kiti \
        kitų kitos kiekvienas pats pati vienas
        """,
        "ne": """
        र वा तर पनि कि किनभने यदि भने भनेर भन्ने जब तब जहाँ जसरी जसको जसले जुन जो तथा एवं के को कुन कहिले कहाँ किन कसरी कति कसले कसको कसलाई \
        कस्तो कस्ता कस्ती कुनै केही कोही कतिवटा कतिजना कहाँबाट म मैले मलाई मेरो हामी हामीले हाम्रो तिमी तपाईं तपाईंको ऊ उनी उनले उनको उनलाई \
        उहाँ उनीहरू उनीहरूको यो यस यसको यसले यसमा यसलाई यी त्यो त्यस त्यसको ती तिनीहरू आफ्नो आफू मा ले लाई बाट सँग द्वारा सम्म देखि लागि माथि \
        भित्र बाहिर बीच बीचमा पछि अघि बारे बारेमा विरुद्ध बिना अनुसार का की हरू छ छन् छैन छैनन् थियो थिए थिएन हो हुन् होइन हुन्छ हुने भयो भए \
        भएको भएका भएर हुनु गर्न गर्ने गरेको गरेका गर्दै गर्छ गर्नु गरे गरी गर्यो सक्छ सक्ने पर्छ धेरै मात्र अति निकै सबै अन्य अर्को एक त नै अब \
        अहिले यहाँ त्यहाँ जस्तै जस्तो प्रत्येक न
        """,
        "nl": """
        de het een der den des in op aan van voor met bij door naar over uit om onder tussen zonder tegen tot te ten ter sinds tijdens volgens \
        na langs binnen buiten boven en of maar want dus dat als omdat terwijl hoewel toen zodat noch wie wat waar wanneer waarom hoe welk \
        welke hoeveel hoelang wiens waarin waarmee waarvan waardoor waarvoor waaruit waarop waarheen ik jij je hij zij ze wij we jullie u mij \
        me jou hem haar ons onze hen hun zich mijn jouw zijn uw dit deze die men iemand iets niets elk elke iedere alle alles is was waren ben \
        bent geweest wordt worden werd werden geworden heeft hebben had hadden kan kunnen kon konden moet moeten moest zal zullen zou zouden \
        mag wil doet deed niet geen ook nog al wel zeer heel veel meer meest meeste minder zo dan daar er hier nu alleen slechts zelf andere \
        ander
        """,
        "no": """
        en ei et den det de i på av til fra frå med for om under over mellom gjennom mot ved etter før uten utan hos ifølge siden og eller men \
        at som når da hvis fordi mens enn så både ikke ikkje hva hvem hvilken hvilket hvilke hvor hvorfor hvordan hvorav mange mye kva kven \
        kvifor korleis kor jeg eg du han hun ho vi dere meg deg ham henne oss dem seg min mi mitt mine din di ditt dine sin si sitt sine hans \
        hennes dens dets vår vårt våre deres denne dette disse man noen noe ingen alle alt hver hvert der er var være vært bli blir ble blitt \
        har hadde ha hatt kan kunne skal skulle må måtte vil ville får fikk bør gjør gjorde vart vore også bare kun mer mest svært veldig \
        allerede nå her samme selv andre annen annet slik samt meget
        """,
        "pl": """
        i a w we z ze na do od dla o u po przy przed przez pod nad za bez między oraz albo lub czy ale lecz jednak więc że żeby aby by bo \
        ponieważ gdy gdyż jeśli jeżeli kiedy niż jak jako także też również ani wśród około podczas według wobec wraz kto kogo komu kim co \
        czego czemu czym jaki jaka jakie jakich jakim jakiej jaką jakiego który która które którzy których którym którymi którego której \
        któremu którą gdzie skąd dokąd dlaczego ile ilu iloma czyj czyja czyje ja ty on ona ono my wy oni one mnie mi mną cię ci jego go jemu \
        mu jej ją nią niej nich nimi nim niego nas nam was wam ich im się siebie sobie swój swoje swoją swojego swojej swoich swoim mój moja \
        nasz ten ta to te tego tej tych tym tymi tę tam tu tamten taki taka takie takich jest są był była było byli były być będzie będą \
        został została zostało zostały może mogą można ma mają nie tylko bardzo już jeszcze bardziej więcej najbardziej wszystkie wszystko \
        wszystkich każdy każda każde inne innych sam żaden tak
        """,
        "pt": """
        o a os as um uma uns umas de do da dos das em no na nos nas num numa ao à aos às por pelo pela pelos pelas para com sem sob sobre \
        entre até desde contra após ante durante segundo mediante e ou nem mas porém que porque pois se como quando enquanto embora onde qual \
        quais quem quanto quanta quantos quantas porquê quê aonde cujo cuja eu tu ele ela nós você vocês eles elas me te lhe lhes meu minha \
        seu sua seus suas nosso nossa dele dela deles delas este esta estes estas isto esse essa esses essas isso aquele aquela aqueles neste \
        nesta desse dessa deste desta é são era eram foi foram ser sido sendo está estão estava estavam há havia haver houve tem têm tinha \
        tinham ter seja pode podem podia não sim também só apenas muito muita muitos muitas mais menos já assim tão todo toda todos todas \
        outro outra outros outras mesmo mesma cada algum alguma alguns algumas nenhum ainda aqui
        """,
        "ro": """
        un o unui unei niște al a ai ale lui cel cea cei cele de din dintre dintr la în într prin printr pe pentru cu fără sub peste spre \
        către până după între despre asupra lângă contra conform și sau dar ci iar însă nici că să dacă deși deoarece fiindcă când cum unde ca \
        decât încât fie astfel ce care cine cui cărui cărei căror câte cât câți câtă câtor căreia căruia eu tu el ea noi voi ei ele mă te se \
        ne vă îi îl le îmi își i s l mine sine său sa săi sale lor meu mea nostru noastră acest această aceasta acesta acestea aceștia acestui \
        acestei aceste acel acea acei acele acelui este e sunt era erau fi fost fiind am are au avea avut aveau ar va vor poate pot putea \
        putut trebuie există nu da mai foarte doar numai tot toți toate toată mult multe mulți alt altă alte alți același aceeași fiecare \
        orice unii unele unor atunci aici acolo acum prea nişte şi deşi câţi îşi aceştia toţi mulţi alţi acelaşi aceeaşi
        """,
        "ru": """
        и в во на с со к ко по о об от до из у за для при без под над между через перед после около против среди кроме вместо а но или либо ни \
        что чтобы если как когда потому пока хотя так же бы ли то также тоже не нет поскольку кто кого кому кем чего чему чем чём какой какая \
        какое какие каких каким какого какую каком какова каков каковы который которая которое которые которых которого которой котором \
        которую которым чей чья чьё чьи где куда откуда почему зачем сколько я ты он она оно мы вы они меня его её ее нас их мне ему ей нам им \
        ним ней них нём себя собой свой своя свою своей своего своих этот эта это эти этого этой этих этом тот та те того той тех том тем весь \
        вся всё все всех всего каждый был была было были быть будет есть является являются может могут мог очень только уже ещё еще более \
        больше самый самая самое здесь там вас вам тут тому много один тебе себе ними друг друга
        """,
        "sk": """
        a aby aj ak ako aká aké aký akú ale alebo ani áno asi až bez bol bola boli bolo bude budem budeš budú by byť bývať cez čo čí či čím ďalší ďalšie ďalších \
        do dokonca ešte ho hoci i iba ich ide im iná iné iný ja je jeho jej jemu ju jú k kam každá každé každý kde kedy keď keďže koho koľko komu kto ktorá ktoré \
        ktorého ktorej ktorí ktorom ktorou ktorú ktorý ktorých ktorým ku kým len lebo ma má mal mala mali majú mať medzi menej mi mne mňa mnoho môže môžu môj moja my \
        na nad nám nami nás nech než nič nich nie niečo niekto niektoré nim ním no o od okrem on ona oni ono po pod podľa pokiaľ pomocou potom práve preto pretože \
        prečo pre pred pri pričom s sa seba si sme so som ste stále sú svoj svoja svoje svojich ťa tá tak takže také tam táto te teda tej ten tento tie tieto tiež tí \
        títo to toho tom tomto tomu toto toľko tu tú tým týchto ty u už v vám vami vás veľa veľmi viac vo vôbec však všetko všetky všetkých vy z za zo že musí mimo
        """,
        "sr": """
        i u na za od do iz sa s po o pri kod kroz pred pod nad među između prema bez zbog radi tokom posle nakon pre oko uz protiv osim preko \
        a ali ili ni niti pa te da li jer ako kad kada dok iako kao nego već što šta ko koga kome kojim koji koja koje kojeg kojem kojoj kojih \
        čiji čija čije kakav kakva kakvo gde kuda odakle kako zašto koliko ja ti on ona ono mi vi oni one me mene ga njega je nju joj mu njemu \
        nas nam vas vam ih njih im njima se sebe svoj svoja svoje svoju moj njegov njegova njen njena naš vaš njihov ovaj ova ovo ove ovi ovog \
        taj ta to tog tom sve svi svih svaki neki neka neke su sam si smo ste bio bila bilo bili bile biti bi će nije nisu može mogu mora ima \
        imaju ne samo takođe vrlo veoma više najviše još tako tu tamo ovde и у на за од до из са с по о при код кроз пред под над међу између \
        према без због ради током после након пре око уз против осим преко а али или ни нити па те да ли јер ако кад када док иако као него \
        већ што шта ко кога коме којим који која које којег којем којој којих чији чија чије какав каква какво где куда одакле како зашто \
        колико ја ти он она оно ми ви они оне ме мене га њега је њу јој му њему нас нам вас вам их њих им њима се себе свој своја своје своју \
        мој његов његова њен њена наш ваш њихов овај ова ово ове ови овог тај та то тог том све сви свих сваки неки нека неке су сам си смо \
        сте био била било били биле бити би ће није нису може могу мора има имају не само такође врло веома више највише још тако ту тамо овде
        """,
        "sv": """
        en ett den det de i på av till från med för om under över mellan genom mot vid efter före utan hos enligt sedan inom åt ur och eller \
        men att som när där eftersom medan än så både inte ej varken vad vem vilka vilken vilket vems var vart varifrån varför hur många \
        mycket jag du han hon vi ni mig dig honom henne oss er dem sig min mitt mina din ditt dina sin sitt sina hans hennes dess vår vårt \
        våra deras denna detta dessa man någon något några ingen inget inga alla allt varje är vara varit blir blev bli blivit har hade ha \
        haft kan kunna kunde ska skall skulle måste får fick vill ville bör gör gjorde göra också bara endast mer mest även redan nu då här \
        samma själv andra annan annat sådan
        """,
        "ta": """
        ஒரு ஓர் இந்த அந்த எந்த இது அது எது இவை அவை எவை இதன் அதன் எதன் இதில் அதில் எதில் இதை அதை எதை இதற்கு அதற்கு என்ன என்னென்ன யார் யாரை \
        யாருக்கு யாருடைய யாரால் எப்போது எப்பொழுது எங்கு எங்கே ஏன் எப்படி எவ்வாறு எவ்வளவு எத்தனை எதற்கு எவர் எவ்வகை நான் நாம் நாங்கள் நீ \
        நீங்கள் அவன் அவள் அவர் அவர்கள் என் எனது நம் எங்கள் உன் உங்கள் அவரது அவர்களின் அவரை அவருக்கு தன் தனது தங்கள் தான் மற்றும் அல்லது ஆனால் \
        எனினும் ஆகவே எனவே என்று என என்பது என்ற என்னும் எனும் ஆக ஆகிய ஆகும் உம் மேலும் அத்துடன் ஏனெனில் உள்ள உள்ளது உள்ளன இருந்து இருந்த \
        இருந்தது இருந்தன இருக்கும் இருக்கிறது இல்லை இல்லாத அல்ல ஆன ஆனது போன்ற போல வரை பின் பின்னர் பிறகு முன் முன்பு மூலம் மூலமாக கொண்டு கொண்ட \
        குறித்து பற்றி மீது மேல் கீழ் இடையே உடன் இன்றி விட செய்த செய்து செய்ய செய்யும் வேண்டும் முடியும் முடியாது கூடிய கூட மிக மிகவும் \
        மட்டும் மட்டுமே அதிக பல சில எல்லா அனைத்து வேறு பிற மற்ற இங்கு அங்கு இப்போது அப்போது இவ்வாறு தற்போது
        """,
        "th": """
        ที่ ซึ่ง อัน ของ ใน และ หรือ กับ แก่ แต่ ต่อ จาก โดย ด้วย เพื่อ ตาม ถึง บน สู่ ระหว่าง แห่ง ณ ตั้งแต่ จน จนถึง ก่อน หลัง เกี่ยว \
        สำหรับ สำห รับ ว่า ถ้า หาก เพราะ เนื่องจาก ดัง ดังนั้น จึง แม้ แม้ว่า เมื่อ ขณะ เช่น คือ เป็น มี อยู่ ได้ ให้ จะ ถูก ก็ ก็ตาม ก็ได้ \
        ไม่ ไม่มี ไม่ใช่ ใช่ ยัง แล้ว เคย ต้อง ควร อาจ สามารถ กำลัง ทำ ไป มา ขึ้น ลง ออก เข้า ไว้ เอา อะไร ใคร ใด ไหน ที่ไหน เมื่อไร \
        เมื่อไหร่ เมื่อใด ไหร่ ไร เท่าไร เท่าไหร่ เท่าใด เท่า กี่ ทำไม อย่างไร ยังไง ไง ไหม เปล่า มั้ย การ ความ ผู้ สิ่ง อย่าง เหล่า พวก กัน \
        เอง ตน ตัว ฉัน ผม คุณ เรา เขา พวกเขา มัน เธอ ท่าน นี่ นั่น นี้ นั้น เหล่านี้ เหล่านั้น ทั้ง ทั้งหมด ทุก แต่ละ บาง หลาย อื่น อื่นๆ ต่าง \
        ต่างๆ ใดๆ ๆ อีก มาก มากกว่า น้อย ที่สุด กว่า เท่านั้น เพียง แค่ เกือบ ประมาณ ครับ ค่ะ
        """,
        "tr": """
        ve ile veya ya da de te ta den dan ki ama fakat ancak çünkü eğer ise için gibi kadar göre sonra önce üzere karşı rağmen dolayı beri \
        boyunca arasında arasındaki tarafından hakkında içinde üzerinde üzerine sırasında nedeniyle ne neyi neye neden neler nelerdir nedir \
        neydi niçin niye nasıl nerede nereye nereden neresi neresidir kim kimdir kimdi kimin kimi kime kimler hangi hangisi hangileri \
        hangisidir kaç kaçı kaçıncı zaman ben sen o biz siz onlar bana ona bize size onlara beni onu bizi onları benim onun bizim sizin \
        onların bu şu bunlar şunlar bunun bunu buna bunda kendi kendisi bir birkaç birçok her hepsi tüm bütün bazı hiç çok daha en az çoğu \
        diğer başka aynı böyle şöyle mı mi mu mü var yok değil idi iken olan olarak oldu olduğu olduğunu olmuştur olur olmak olması olmayan \
        olabilir vardır vardı eden etti etmek ederek eder sadece yalnızca ayrıca bile hem i̇çin i̇le
        """,
        "uk": """
        і й та в у на з із зі до від для о об по при без під над між через перед після біля проти серед крім за про як якщо щоб що бо але або \
        чи ні не так також теж тому коли поки хоча ніж адже оскільки однак проте хто кого кому ким чого чому чим який яка яке які якого якої \
        яких яким якими якій яку якому чий чия чиє чиї де куди звідки навіщо скільки наскільки я ти він вона воно ми ви вони мене тебе його її \
        нас вас їх мені тобі йому їй нам вам їм мною ним нею ними ній них нього неї себе собі собою свій своя своє свою свої своєї свого своїх \
        своєму мій наш їхній їхні цей ця це ці цього цієї цих цьому цим цю той те ті того тієї тих тим такий така таке такі весь вся все всі \
        усі всіх усіх всього кожен кожна кожний був була було були бути буде будуть є може можуть міг могли можна дуже лише тільки вже ще \
        більше більш найбільше найбільш там тут тоді інший інші інших
        """,
        "vi": """
        là của và có không được cho với trong các những một này đó đã sẽ đang bị ở tại từ đến vào ra lên về bởi để khi nếu thì mà như hay hoặc \
        nhưng vì do nên rằng cũng chỉ rất nhiều hơn nhất còn vẫn đều lại nữa theo sau trước trên dưới giữa qua bằng cùng ngoài tới ai gì nào \
        đâu sao bao nhiêu mấy thế tôi bạn họ nó chúng mình ta đây kia ấy vậy mỗi mọi cả khác nơi lúc tuy dù cái việc sự rồi quá chưa chẳng \
        phải thể cần hãy lẫn vừa càng ngay
        """,
        "yi": """
        דער די דאָס דעם אַ אַן קיין איך דו ער זי עס מיר איר זיי מיך דיך אים אונדז אײַך זיך מען מײַן דײַן זײַן אונדזער אײַער זייער זײַנע אירע \
        דאָזיקע דאָזיקער יענער יענע אַלע אַלץ יעדער יעדע עפּעס אין אויף פֿון פֿאַר מיט צו ביי בײַ ביז אָן נאָך איבער אונטער צווישן קעגן דורך \
        זינט לויט וועגן אויס אַרום ביים פֿונעם צום אינעם און אָדער אָבער נאָר אַז ווײַל ווען אויב צי ווי כאָטש דען סײַ הגם ווײל איז זענען \
        זײַנען בין ביסט געווען געוואָרן ווערט ווערן האָט האָבן האָב קען קענען דאַרף מוז זאָל וועט וועלן וואָלט פֿלעגט וואָס ווער וועמען וועמעס \
        ווו וווּ וואו וואַנען פֿאַרוואָס אַזוי וויפֿל וועלכער וועלכע וועלכן וועלכס וואָסער ניט נישט אויך מער דאָ דאָרט שוין ווידער אַנדערע \
        זעלבע בלויז דאס א אן אײך מײן דײן זײן אײער זײנע דאזיקע דאזיקער אלע אלץ עפעס פון פאר בײ נאך ארום פונעם אדער אבער נאר אז כאטש סײ זײנען \
        געווארן האט האבן האב דארף זאל וואלט פלעגט וואס וואנען פארוואס אזוי וויפל וואסער דא דארט אנדערע קײן זײ זײער אױף צװישן לױט װעגן אױס בײם \
        װײַל װען אױב װי װײל געװען געװאָרן װערט װערן װעט װעלן װאָלט װאָס װער װעמען װעמעס װו װוּ װאו װאַנען פֿאַרװאָס אַזױ װיפֿל װעלכער װעלכע \
        װעלכן װעלכס װאָסער אױך שױן װידער בלױז
        """,
        "zh": """
        的 地 得 了 着 過 过 是 在 有 和 与 與 及 以及 或 或者 而 且 并 並 并且 並且 但 但是 因为 因為 所以 因此 由于 由於 如果 虽然 雖然 尽管 则 則 于 於 为 為 为了 為了 被 把 将 \
        將 从 從 到 向 对 對 对于 對於 关于 關於 由 以 自 之 其 其中 所 者 比 给 給 让 讓 当 當 时 時 中 上 下 里 裡 内 後 后 前 等 什么 什麼 甚麼 谁 誰 谁是 谁在 谁的 哪 哪个 \
        哪個 哪些 哪一 哪里 哪裡 哪儿 哪位 何 何时 何時 何处 何處 为什么 為什麼 为何 什么时候 什麼時候 怎么 怎麼 怎样 怎樣 如何 多少 多少个 多久 多大 几 几个 幾 幾個 第几 吗 嗎 呢 吧 啊 \
        是否 是不是 我 你 您 他 她 它 我们 我們 你们 你們 他们 他們 她们 它们 它們 们 們 自己 他的 她的 它的 这 這 那 这个 這個 那个 那個 这些 這些 那些 这种 這種 这里 那里 此 该 該 个 \
        個 一个 一個 一种 一些 每 各 会 會 能 可以 可 要 没有 沒有 没 沒 不 不是 无 也 都 还 還 就 又 再 已 已经 很 最 更 只 只有 非常 的是 都是 也是 是在 中的
        """,
    ]
}

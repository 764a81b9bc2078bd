import java.lang.management.*;
import java.nio.file.*;
import java.util.*;
import org.apache.lucene.analysis.core.WhitespaceAnalyzer;
import org.apache.lucene.document.*;
import org.apache.lucene.index.*;
import org.apache.lucene.search.*;
import org.apache.lucene.search.similarities.BM25Similarity;
import org.apache.lucene.store.*;

/**
 * Lucene's side of tools/bench-lexical: LuceneBench DATA INDEX OPTION K PASSES HITS SET... builds the index where it is missing (OPTION: freq or
 * position), then times each set on one thread. Prints one JSON object; HITS is a folder for the answers.
 */
public class LuceneBench {
    static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    public static void main(String[] args) throws Exception {
        Path data = Path.of(args[0]), index = Path.of(args[1]), answers = Path.of(args[5]);
        int k = Integer.parseInt(args[3]), passes = Integer.parseInt(args[4]);
        double seconds = Files.exists(index) ? 0 : build(data.resolve("docs.txt"), index, args[2].equals("position"));
        long bytes = 0;
        try (var files = Files.list(index)) { for (Path file : (Iterable<Path>) files::iterator) bytes += Files.size(file); }
        List<String> sets = new ArrayList<>();
        try (DirectoryReader reader = DirectoryReader.open(MMapDirectory.open(index))) {
            IndexSearcher searcher = new IndexSearcher(reader);
            searcher.setSimilarity(new BM25Similarity(1.2f, 0.75f));
            searcher.setQueryCache(null);
            for (int s = 6; s < args.length; s++) {
                List<String> texts = Files.readAllLines(data.resolve("q_" + args[s] + ".txt"));
                StringBuilder hits = new StringBuilder();
                double[] best = time(searcher, args[s], texts, k, passes, hits);
                Files.writeString(answers.resolve(args[s] + ".txt"), hits);
                sets.add(summary(args[s], best));
            }
            System.out.println("{\"build_cpu_seconds\":" + seconds + ",\"documents\":" + reader.numDocs() + ",\"segments\":" + reader.leaves().size()
                + ",\"bytes\":" + bytes + ",\"version\":\"" + org.apache.lucene.util.Version.LATEST + "\",\"sets\":[" + String.join(",", sets) + "]}");
        }
    }

    /** Processor seconds of the one thread that reads, indexes and merges into one segment. */
    static double build(Path texts, Path index, boolean positions) throws Exception {
        long begin = THREADS.getCurrentThreadCpuTime();
        IndexWriterConfig config = new IndexWriterConfig(new WhitespaceAnalyzer());
        config.setSimilarity(new BM25Similarity(1.2f, 0.75f)).setRAMBufferSizeMB(256).setUseCompoundFile(false);
        config.setMergeScheduler(new SerialMergeScheduler());
        try (IndexWriter writer = new IndexWriter(FSDirectory.open(index), config); var lines = Files.newBufferedReader(texts)) {
            FieldType type = new FieldType(TextField.TYPE_NOT_STORED);
            type.setIndexOptions(positions ? IndexOptions.DOCS_AND_FREQS_AND_POSITIONS : IndexOptions.DOCS_AND_FREQS);
            for (String line; (line = lines.readLine()) != null;) {
                Document document = new Document();
                document.add(new Field("t", line, type));
                writer.addDocument(document);
            }
            writer.forceMerge(1);
        }
        return (THREADS.getCurrentThreadCpuTime() - begin) * 1e-9;
    }

    static Query query(String set, String text) {
        String[] words = text.split(" ");
        if (set.equals("phrase")) return new PhraseQuery("t", words);
        BooleanQuery.Builder builder = new BooleanQuery.Builder();
        for (String word : words) builder.add(new TermQuery(new Term("t", word)), set.equals("and") ? BooleanClause.Occur.MUST : BooleanClause.Occur.SHOULD);
        return builder.build();
    }

    /** Best microseconds of every query; the answers of the first pass go to `hits`. */
    static double[] time(IndexSearcher searcher, String set, List<String> texts, int k, int passes, StringBuilder hits) throws Exception {
        double[] best = new double[texts.size()];
        Arrays.fill(best, 1e18);
        List<Query> queries = new ArrayList<>();
        for (String text : texts) queries.add(query(set, text));
        for (int pass = 0; pass < passes; pass++) {
            for (int i = 0; i < queries.size(); i++) {
                long begin = THREADS.getCurrentThreadCpuTime();
                TopScoreDocCollector collector = TopScoreDocCollector.create(k, k);
                searcher.search(queries.get(i), collector);
                TopDocs top = collector.topDocs();
                best[i] = Math.min(best[i], (THREADS.getCurrentThreadCpuTime() - begin) * 1e-3);
                if (pass > 0) continue;
                hits.append(set).append('\t').append(texts.get(i)).append('\t');
                for (ScoreDoc hit : top.scoreDocs) hits.append(hit.doc).append(':').append(hit.score).append(' ');
                hits.append('\n');
            }
        }
        return best;
    }

    static String summary(String set, double[] times) {
        double mean = Arrays.stream(times).average().orElse(0);
        Arrays.sort(times);
        return "{\"set\":\"" + set + "\",\"queries\":" + times.length + ",\"mean\":" + mean + ",\"p50\":" + rank(times, 0.5) + ",\"p99\":" + rank(times, 0.99) + "}";
    }

    static double rank(double[] sorted, double share) { return sorted[(int) Math.ceil(share * sorted.length) - 1]; }
}

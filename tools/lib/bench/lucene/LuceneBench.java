import java.lang.management.*;
import java.nio.file.*;
import java.util.*;
import org.apache.lucene.analysis.core.WhitespaceAnalyzer;
import org.apache.lucene.document.*;
import org.apache.lucene.index.*;
import org.apache.lucene.search.*;
import org.apache.lucene.search.similarities.BM25Similarity;
import org.apache.lucene.store.*;

/** Usage: LuceneBench DATA INDEX K PASSES SET...: builds the index where it is missing, then times each set, one thread. */
public class LuceneBench {
    static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    public static void main(String[] args) throws Exception {
        Path data = Path.of(args[0]), index = Path.of(args[1]);
        int k = Integer.parseInt(args[2]), passes = Integer.parseInt(args[3]);
        double build = 0;
        if (!Files.exists(index)) {
            long begin = THREADS.getCurrentThreadCpuTime();
            IndexWriterConfig config = new IndexWriterConfig(new WhitespaceAnalyzer());
            config.setSimilarity(new BM25Similarity(1.2f, 0.75f)).setRAMBufferSizeMB(256).setUseCompoundFile(false);
            config.setMergeScheduler(new SerialMergeScheduler());
            try (IndexWriter writer = new IndexWriter(FSDirectory.open(index), config); var lines = Files.newBufferedReader(data.resolve("docs.txt"))) {
                FieldType type = new FieldType(TextField.TYPE_NOT_STORED);
                if (System.getenv("POSITIONS") == null) type.setIndexOptions(IndexOptions.DOCS_AND_FREQS);
                for (String line; (line = lines.readLine()) != null;) {
                    Document document = new Document();
                    document.add(new Field("t", line, type));
                    writer.addDocument(document);
                }
                writer.forceMerge(1);
            }
            build = (THREADS.getCurrentThreadCpuTime() - begin) * 1e-9;
        }
        long bytes = 0;
        try (var files = Files.list(index)) { for (Path file : (Iterable<Path>) files::iterator) bytes += Files.size(file); }
        StringBuilder out = new StringBuilder();
        try (DirectoryReader reader = DirectoryReader.open(MMapDirectory.open(index))) {
            IndexSearcher searcher = new IndexSearcher(reader);
            searcher.setSimilarity(new BM25Similarity(1.2f, 0.75f));
            searcher.setQueryCache(null);
            out.append("{\"build_cpu_seconds\":" + build + ",\"documents\":" + reader.numDocs() + ",\"bytes\":" + bytes + ",\"k\":" + k + ",\"version\":\"" + org.apache.lucene.util.Version.LATEST + "\",\"sets\":[");
            for (int s = 4; s < args.length; s++) {
                List<String> texts = Files.readAllLines(data.resolve("q_" + args[s] + ".txt"));
                double[] best = new double[texts.size()];
                Arrays.fill(best, 1e18);
                StringBuilder hits = new StringBuilder();
                for (int pass = 0; pass < passes; pass++) {
                    for (int i = 0; i < texts.size(); i++) {
                        long begin = THREADS.getCurrentThreadCpuTime();
                        BooleanQuery.Builder builder = new BooleanQuery.Builder();
                        BooleanClause.Occur occur = args[s].equals("and") ? BooleanClause.Occur.MUST : BooleanClause.Occur.SHOULD;
                        for (String word : texts.get(i).split(" ")) builder.add(new TermQuery(new Term("t", word)), occur);
                        TopScoreDocCollector collector = TopScoreDocCollector.create(k, k);
                        searcher.search(builder.build(), collector);
                        TopDocs top = collector.topDocs();
                        best[i] = Math.min(best[i], (THREADS.getCurrentThreadCpuTime() - begin) * 1e-3);
                        if (pass == 0) {
                            hits.append(args[s]).append('\t').append(texts.get(i)).append('\t');
                            for (ScoreDoc hit : top.scoreDocs) hits.append(hit.doc).append(':').append(hit.score).append(' ');
                            hits.append('\n');
                        }
                    }
                }
                Files.writeString(Path.of(args[1] + "-" + args[s] + "-hits.txt"), hits);
                double mean = Arrays.stream(best).average().orElse(0);
                Arrays.sort(best);
                out.append((s > 4 ? "," : "") + "{\"set\":\"" + args[s] + "\",\"mean\":" + mean + ",\"p50\":" + best[best.length / 2] + ",\"p99\":" + best[(int) (best.length * 0.99)] + "}");
            }
        }
        System.out.println(out.append("]}"));
    }
}

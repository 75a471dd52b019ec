using System.Runtime.Intrinsics.X86;

namespace CobraAD.Methods.Cobra.Bank.Search;

/// <summary>
/// Inner products of consecutive rows with one query or with a register full of queries, in float32. Whatever the order of the sums,
/// a product differs from the exact one by at most γ_D Σ |q_i||b_i| with γ_D = D u/(1 - D u), u = 2^-24 (Higham 2002, section 3.1).
/// </summary>
internal static unsafe class RowProducts<TVector, TLanes>
    where TVector : struct
    where TLanes : ILanes<TVector>
{
    /// <summary>Rows that <see cref="Many"/> takes together: enough sums in flight to hide the latency of an addition.</summary>
    private const int Together = 8;

    /// <summary>
    /// One query. Reads the rows one after the other, because a processor prefetches one stream far better than eight: 18 ms instead
    /// of 62 for a million rows of 128.
    /// </summary>
    /// <typeparam name="TNumber">float, or short for whole numbers of 16 bits.</typeparam>
    /// <param name="rows">[count, dimension].</param>
    /// <param name="count">Number of rows.</param>
    /// <param name="dimension">Numbers of a row.</param>
    /// <param name="query">[dimension].</param>
    /// <param name="products">Receives [count].</param>
    public static void One<TNumber>(TNumber* rows, int count, int dimension, float* query, float* products)
        where TNumber : unmanaged
    {
        int lanes = TLanes.Count, whole = dimension - dimension % lanes, fours = dimension - dimension % (4 * lanes);
        for (int row = 0; row < count; row++, rows += dimension)
        {
            TVector s0 = TLanes.Broadcast(0), s1 = s0, s2 = s0, s3 = s0;
            int d = 0;
            for (; d < fours; d += 4 * lanes)
            {
                s0 = TLanes.MultiplyAdd(Load(rows + d), TLanes.Load(query + d), s0);
                s1 = TLanes.MultiplyAdd(Load(rows + d + lanes), TLanes.Load(query + d + lanes), s1);
                s2 = TLanes.MultiplyAdd(Load(rows + d + 2 * lanes), TLanes.Load(query + d + 2 * lanes), s2);
                s3 = TLanes.MultiplyAdd(Load(rows + d + 3 * lanes), TLanes.Load(query + d + 3 * lanes), s3);
            }

            for (; d < whole; d += lanes) s0 = TLanes.MultiplyAdd(Load(rows + d), TLanes.Load(query + d), s0);
            float sum = TLanes.Sum(TLanes.Add(TLanes.Add(s0, s1), TLanes.Add(s2, s3)));
            for (; d < dimension; d++) sum += Number(rows + d) * query[d];
            products[row] = sum;
        }
    }

    /// <summary>
    /// As many queries as a register has lanes, lane by lane, so that no sums across lanes are needed. A block of rows is read column
    /// by column, which no processor prefetches; so what comes next is fetched by hand, which takes 36 ms instead of 97 for a million
    /// rows of 128.
    /// </summary>
    /// <param name="rows">[count, dimension].</param>
    /// <param name="count">Number of rows.</param>
    /// <param name="dimension">Numbers of a row.</param>
    /// <param name="queries">[dimension, lanes]: the queries' first numbers, then their second ones, and so on.</param>
    /// <param name="products">Receives [count, lanes].</param>
    /// <param name="ahead">What to fetch while the first rows are worked on; it may lie past the end of the bank, where nothing is fetched.</param>
    /// <param name="numberBytes">Bytes of a number there.</param>
    public static void Many(float* rows, int count, int dimension, float* queries, float* products, byte* ahead, int numberBytes)
    {
        int lanes = TLanes.Count, row = 0, stride = 2 * Together * numberBytes;
        for (; row + Together <= count; row += Together, rows += Together * dimension, products += Together * lanes, ahead += Together * dimension * numberBytes)
        {
            TVector s0 = TLanes.Broadcast(0), s1 = s0, s2 = s0, s3 = s0, s4 = s0, s5 = s0, s6 = s0, s7 = s0;
            float* a = rows, b = a + dimension, c = b + dimension, e = c + dimension, f = e + dimension, g = f + dimension, h = g + dimension, i = h + dimension;
            float* query = queries;
            for (int d = 0; d < dimension; d++, query += lanes)
            {
                // With every second column as much as eight rows have in two: a cache line of float32.
                if (Sse.IsSupported && (d & 1) == 0) Sse.Prefetch0(ahead + d / 2 * stride);
                TVector q = TLanes.Load(query);
                s0 = TLanes.MultiplyAdd(TLanes.Broadcast(a[d]), q, s0);
                s1 = TLanes.MultiplyAdd(TLanes.Broadcast(b[d]), q, s1);
                s2 = TLanes.MultiplyAdd(TLanes.Broadcast(c[d]), q, s2);
                s3 = TLanes.MultiplyAdd(TLanes.Broadcast(e[d]), q, s3);
                s4 = TLanes.MultiplyAdd(TLanes.Broadcast(f[d]), q, s4);
                s5 = TLanes.MultiplyAdd(TLanes.Broadcast(g[d]), q, s5);
                s6 = TLanes.MultiplyAdd(TLanes.Broadcast(h[d]), q, s6);
                s7 = TLanes.MultiplyAdd(TLanes.Broadcast(i[d]), q, s7);
            }

            TLanes.Store(s0, products);
            TLanes.Store(s1, products + lanes);
            TLanes.Store(s2, products + 2 * lanes);
            TLanes.Store(s3, products + 3 * lanes);
            TLanes.Store(s4, products + 4 * lanes);
            TLanes.Store(s5, products + 5 * lanes);
            TLanes.Store(s6, products + 6 * lanes);
            TLanes.Store(s7, products + 7 * lanes);
        }

        for (; row < count; row++, rows += dimension, products += lanes)
        {
            TVector sum = TLanes.Broadcast(0);
            for (int d = 0; d < dimension; d++) sum = TLanes.MultiplyAdd(TLanes.Broadcast(rows[d]), TLanes.Load(queries + d * lanes), sum);
            TLanes.Store(sum, products);
        }
    }

    /// <summary>Whole numbers of 16 bits as float32.</summary>
    public static void Widen(short* source, long count, float* target)
    {
        long i = 0;
        for (; i + TLanes.Count <= count; i += TLanes.Count) TLanes.Store(TLanes.Load(source + i), target + i);
        for (; i < count; i++) target[i] = source[i];
    }

    private static TVector Load<TNumber>(TNumber* source)
        where TNumber : unmanaged => typeof(TNumber) == typeof(short) ? TLanes.Load((short*)source) : TLanes.Load((float*)source);

    private static float Number<TNumber>(TNumber* source)
        where TNumber : unmanaged => typeof(TNumber) == typeof(short) ? *(short*)source : *(float*)source;
}

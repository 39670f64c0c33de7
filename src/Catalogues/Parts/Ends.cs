using static GpuMem.Catalogues.Parts.PartCount;

namespace GpuMem.Catalogues.Parts;

/// <summary>Norms, tables, and what stands before and after the layers.</summary>
internal static class Ends
{
    /// <summary>So many norms of the hidden size.</summary>
    /// <param name="number">How many.</param>
    /// <param name="bias">Each has a bias beside its weight.</param>
    public static Part Norms(int number, bool bias = false) => (scope, count) => count.Vector(Times(number * (bias ? 2 : 1), scope.Hidden));

    public static Part Norms(Func<LayerScope, int> number, bool bias = false) => (scope, count) => count.Vector(Times(number(scope) * (bias ? 2 : 1), scope.Hidden));

    /// <summary>A vector of a size that follows from the fields.</summary>
    public static Part Vector(Func<LayerScope, long> elements) => (scope, count) => count.Vector(elements(scope));

    /// <summary>A matrix that tensor-parallel ranks divide.</summary>
    public static Part Matrix(Func<LayerScope, long> rows, Func<LayerScope, long> columns) => (scope, count) => count.Matrix(rows(scope), columns(scope));

    /// <summary>A small matrix that every rank holds.</summary>
    public static Part Whole(Func<LayerScope, long> rows, Func<LayerScope, long> columns) => (scope, count) => count.Whole(rows(scope), columns(scope));

    /// <summary>A table beside that of the tokens.</summary>
    public static Part Table(Func<LayerScope, long> rows, Func<LayerScope, long>? columns = null) => (scope, count) => count.Table(rows(scope), columns?.Invoke(scope) ?? scope.Hidden);

    /// <summary>A table of learned positions.</summary>
    public static Part Positions(long extra = 0) => (scope, count) => count.Table(scope.Need("n_positions", "max_position_embeddings") + extra, scope.Hidden);

    public static Part HeadBias(Func<LayerScope, bool>? when = null) => (scope, count) => count.Vector(Vocabulary(scope), when?.Invoke(scope) ?? true);

    public static long Vocabulary(LayerScope scope) => scope.Need("padded_vocab_size", "vocab_size");
}
